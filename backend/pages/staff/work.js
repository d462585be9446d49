// The work list, live: one row per patient, the most dangerous first, with its age and who has it.
import { html, useEffect, useMemo, useState, announce } from "../shared/ui.js";
import { follow } from "./stream.js";
import { Tier, useNow } from "./parts.js";
import { STATES, TIER_ORDER, moment, span } from "./words.js";

export function Work({ names, who }) {
  const [alerts, setAlerts] = useState(null);
  const [live, setLive] = useState(true);
  const [site, setSite] = useState("");
  const [open, setOpen] = useState(false);
  const now = useNow();

  useEffect(() => {
    const stop = new AbortController();
    const known = new Map();
    let begun = false;
    let due = null;
    const show = () => {
      due = null;
      begun = true;
      setAlerts([...known.values()]);
    };
    follow(
      (kind, data) => {
        if (kind === "reset") known.clear();
        if (kind === "closed") known.delete(data.id);
        if (kind === "alert") {
          if (begun && !known.has(data.id) && data.tier === "emergency") announce(`New emergency: ${data.title}, ${data.subject_id}`);
          known.set(data.id, data);
        }
        // Many events come in one breath: drawn once.
        due ??= setTimeout(show, 50);
      },
      (isOpen) => {
        setLive(isOpen);
        if (isOpen) due ??= setTimeout(show, 400);
      },
      stop.signal,
    );
    return () => stop.abort();
  }, []);

  const sites = useMemo(() => [...new Set((alerts || []).map((one) => one.site))].sort(), [alerts]);
  const groups = useMemo(() => grouped((alerts || []).filter((one) => !site || one.site === site), open), [alerts, site, open]);
  const waiting = (alerts || []).filter((one) => one.state === "new").length;
  if (!alerts) return html`<h1 tabindex="-1">Work list</h1><p role="status">One moment …</p>`;
  return html`
    <header class="bar">
      <h1 tabindex="-1">Work list</h1>
      <span class="live ${live ? "on" : "off"}" role="status">${live ? "● live" : "○ no connection: this may be old"}</span>
      <span>${groups.length} patients, ${waiting} alerts that nobody has</span>
      ${sites.length > 1 &&
      html`
        <label>Site <select value=${site} onChange=${(event) => setSite(event.target.value)}><option value="">all</option>${sites.map((one) => html`<option>${one}</option>`)}</select></label>
      `}
      <label><input type="checkbox" checked=${open} onChange=${(event) => setOpen(event.target.checked)} /> only what nobody has</label>
    </header>
    ${groups.length === 0 && html`<p class="card">Nothing waits. New alerts appear here by themselves.</p>`}
    <ol class="work" role="list">
      ${groups.map((group) => html`<${Group} key=${group.subject} group=${group} now=${now} names=${names} who=${who} />`)}
    </ol>
  `;
}

/** Gather alerts by patient; the order is that of each one's most dangerous and most pressing alert. */
function grouped(alerts, onlyOpen) {
  const found = new Map();
  for (const alert of alerts) {
    if (onlyOpen && alert.state !== "new") continue;
    if (!found.has(alert.subject_id)) found.set(alert.subject_id, []);
    found.get(alert.subject_id).push(alert);
  }
  const groups = [...found].map(([subject, own]) => ({ subject, alerts: own.sort(byDanger) }));
  return groups.sort((one, other) => byDanger(one.alerts[0], other.alerts[0]));
}

function byDanger(one, other) {
  return (
    TIER_ORDER.indexOf(one.tier) - TIER_ORDER.indexOf(other.tier) ||
    (one.state !== "new") - (other.state !== "new") ||
    one.acknowledge_by.localeCompare(other.acknowledge_by) ||
    one.id.localeCompare(other.id)
  );
}

function Group({ group, now, names, who }) {
  const [first] = group.alerts;
  // One danger is read at a glance; what waits a day behind it is one touch away.
  const pressing = group.alerts.filter((alert) => ["emergency", "urgent"].includes(alert.tier)).length;
  const shown = group.alerts.slice(0, Math.max(pressing, 2));
  const rest = group.alerts.slice(shown.length);
  const row = (alert) => html`<${Row} key=${alert.id} alert=${alert} now=${now} names=${names} who=${who} />`;
  return html`
    <li class="group ${first.tier}">
      <div class="group-head">
        <${Tier} tier=${first.tier} />
        <a class="subject" href="#/patient/${group.subject}">${group.subject}</a>
        <span class="soft">${first.site}</span>
      </div>
      <ul role="list">${shown.map(row)}</ul>
      ${rest.length > 0 && html`<details><summary>and ${rest.length} less urgent: ${rest.map((alert) => alert.title).join(", ")}</summary><ul role="list">${rest.map(row)}</ul></details>`}
    </li>
  `;
}

function Row({ alert, now, names, who }) {
  const age = now - Date.parse(alert.rung_at);
  const left = Date.parse(alert.acknowledge_by) - now;
  const holder = alert.assigned_to || alert.acknowledged_by;
  const mine = holder === who.id;
  return html`
    <li class="alert-row">
      <${Tier} tier=${alert.tier} />
      <a class="title" href="#/alert/${alert.id}">${alert.title}</a>
      <span class="age" title=${moment(alert.rung_at)}>${span(age)} old</span>
      <span class="holder ${holder ? "" : "open"} ${mine ? "mine" : ""}">
        ${holder ? (mine ? "you" : names.get(holder) || "somebody") : STATES.new}
        ${alert.state !== "new" && html`<span class="soft"> · ${STATES[alert.state]}</span>`}
        ${alert.snoozed_until && Date.parse(alert.snoozed_until) > now && html`<span class="soft"> · until ${moment(alert.snoozed_until)}</span>`}
      </span>
      <span class="due ${alert.state === "new" && left < 0 ? "late" : ""}">
        ${alert.state === "new" ? (left < 0 ? `overdue by ${span(-left)}` : `answer within ${span(left)}`) : ""}
        ${alert.escalation > 0 && alert.state === "new" ? html` <span class="soft">· rung ${alert.escalation + 1}×</span>` : ""}
      </span>
    </li>
  `;
}
