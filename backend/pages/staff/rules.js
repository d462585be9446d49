// The rules as pages to read: criterion, source, mark, version; what a change would do to stored days.
import { html, useMemo, useState } from "../shared/ui.js";
import { Fault, Table, Tier, Waiting, useLoad, useSending } from "./parts.js";
import { REVIEW, client, holds } from "./session.js";
import { nameOf } from "./names.js";
import { TIERS, moment, plain } from "./words.js";

const KINDS = { flag: "Flags", grading: "CTCAE v4.03 grades", drug: "Drugs" };
const MARKS = { read: "read in the source", GK: "general knowledge, to be checked", P: "a proposal of this project" };

export function Rules({ rest: [kind, id], who, study }) {
  if (kind === "versions") return html`<${Versions} />`;
  if (kind === "replay") return html`<${Replay} />`;
  if (kind && id) return html`<${Rule} kind=${kind} id=${id} study=${study} />`;
  return html`<${Index} who=${who} />`;
}

function Index({ who }) {
  const [book, fault, again] = useLoad(() => client.get("/rules"), []);
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState("flag");
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return (book ? book.items : []).filter((one) => one.kind === kind && `${one.id} ${one.title.en} ${one.group}`.toLowerCase().includes(wanted));
  }, [book, search, kind]);
  if (!book) return html`<h1 tabindex="-1">Rules</h1><${Waiting} fault=${fault} again=${again} />`;
  return html`
    <header class="bar">
      <h1 tabindex="-1">Rules</h1>
      <span class="soft">rule set <code>${book.version}</code>, ${book.items.length} rules</span>
      <a class="button quiet" href="#/rules/versions">Versions</a>
      ${holds(who, ...REVIEW) && html`<a class="button quiet" href="#/rules/replay">Replay on stored days</a>`}
    </header>
    <p class="notice">Not reviewed by a physician. Grades are provisional; what is said of a drug informs, for the investigator's decision.</p>
    <div class="row">
      ${Object.entries(KINDS).map(([one, title]) => html`<button class=${one === kind ? "" : "quiet"} aria-pressed=${String(one === kind)} onClick=${() => setKind(one)}>${title}</button>`)}
      <label>Search <input type="search" value=${search} onInput=${(event) => setSearch(event.target.value)} /></label>
      <span role="status">${shown.length} shown</span>
    </div>
    <${Table} caption=${KINDS[kind]} head=${["Rule", "Group", "Source", "Mark", "Version"]}>
      ${shown.map((one) => html`<tr key=${one.id}><td><a href="#/rules/${one.kind}/${one.id}">${one.title.en}</a> <span class="soft small">${one.id}</span></td><td>${one.group}</td><td>${one.source}</td><td>${MARKS[one.mark] || "in the file"}</td><td><code>${one.version}</code></td></tr>`)}
    <//>
  `;
}

function Rule({ kind, id, study }) {
  const [rule, fault, again] = useLoad(() => client.get(`/rules/${kind}/${encodeURIComponent(id)}`), [kind, id]);
  if (!rule) return html`<h1 tabindex="-1">Rule</h1><${Waiting} fault=${fault} again=${again} />`;
  return html`
    <p><a href="#/rules">All rules</a></p>
    <h1 tabindex="-1">${rule.title.en}${rule.title.zh ? html` <span lang="zh" class="soft">${rule.title.zh}</span>` : ""}</h1>
    <dl class="facts">
      <div><dt>Group</dt><dd>${rule.group}</dd></div>
      ${rule.meddra_code && html`<div><dt>MedDRA</dt><dd>${rule.meddra_code}</dd></div>`}
      ${rule.organs.length > 0 && html`<div><dt>May be immune-related of</dt><dd>${rule.organs.join(", ")}</dd></div>`}
      <div><dt>Source</dt><dd>${rule.source || "part by part"} ${rule.mark ? `(${MARKS[rule.mark]})` : ""}</dd></div>
      <div><dt>File, version</dt><dd><code>${rule.rule}</code>, <code>${rule.version}</code></dd></div>
    </dl>
    ${rule.decision && html`<p><strong>Decided:</strong> ${rule.decision}</p>`}
    ${rule.limits && html`<p><strong>Limits:</strong> ${rule.limits}</p>`}
    ${rule.levels.length > 0 &&
    html`
      <${Table} caption="Criteria" head=${[kind === "flag" ? "Tier" : "Grade", "Criterion, in our own words", "Decided by"]}>
        ${rule.levels.map((one) => html`<tr><td>${TIERS[one.level] ? html`<${Tier} tier=${one.level} />` : one.level}</td><td>${one.text}</td><td>${one.by}</td></tr>`)}
      <//>
    `}
    ${rule.causes.length > 0 &&
    html`
      <h2>${kind === "drug" ? "What speaks for or against it" : "Candidate causes"}</h2>
      <ul>${rule.causes.map((one) => html`<li><strong>${kind === "drug" ? one.component : nameOf(one.component, study)}</strong>${one.leads ? html`: first where ${one.leads}` : ""}${one.supports.map((text) => html`<br /><span class="for">+ ${text}</span>`)}${one.opposes.map((text) => html`<br /><span class="against">− ${text}</span>`)}</li>`)}</ul>
    `}
    ${rule.actions.length > 0 && html`<h2>What the label or guideline says</h2><ul>${rule.actions.map((one) => html`<li><strong>${nameOf(one.component, study)}</strong>: ${one.text} <span class="soft small">(${one.source})</span></li>`)}</ul>`}
    ${rule.reads.length > 0 && html`<p class="soft small">Reads: ${rule.reads.map(plain).join(", ")}</p>`}
  `;
}

function Versions() {
  const [found, fault, again] = useLoad(() => client.get("/rules/versions"), []);
  const [pair, setPair] = useState(null);
  const [lines, refused] = useLoad(() => (pair ? client.get(`/rules/comparison?first=${pair[0]}&second=${pair[1]}`) : Promise.resolve(null)), [pair]);
  if (!found) return html`<h1 tabindex="-1">Versions of the rules</h1><${Waiting} fault=${fault} again=${again} />`;
  return html`
    <p><a href="#/rules">All rules</a></p>
    <h1 tabindex="-1">Versions of the rules</h1>
    <${Table} caption="Versions" head=${["Version", "In force here since", ""]}>
      ${found.map((one, index) => html`<tr><td><code>${one.version}</code>${one.in_force ? " (in force)" : ""}</td><td>${moment(one.loaded_at)}</td><td>${index > 0 && html`<button class="quiet" onClick=${() => setPair([found[index - 1].version, one.version])}>What changed</button>`}</td></tr>`)}
    <//>
    ${refused && html`<${Fault} fault=${refused} />`}
    ${lines && html`<h2>From ${lines.first} to ${lines.second}</h2><pre class="diff" tabindex="0">${lines.lines.map((line) => html`<span class=${line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""}>${line}\n</span>`)}</pre>`}
  `;
}

function Replay() {
  const [since, setSince] = useState("");
  const [report, setReport] = useState(null);
  const { busy, fault, run } = useSending();
  const send = (event) => {
    event.preventDefault();
    run(async () => {
      const answer = await client.fetch("POST", "/rules/replay", { body: { since }, signal: AbortSignal.timeout(300_000) });
      setReport(await answer.json());
    });
  };
  return html`
    <p><a href="#/rules">All rules</a></p>
    <h1 tabindex="-1">Replay on stored days</h1>
    <p>Every stored day is assessed anew by the rules in force and compared with what came out then. Nothing stored changes, and a clinician's judgement is no part of it.</p>
    <form class="row" onSubmit=${send}>
      <label>Since <input type="date" value=${since} onInput=${(event) => setSince(event.target.value)} required /></label>
      <button disabled=${busy}>${busy ? "One moment …" : "Replay"}</button>
    </form>
    <${Fault} fault=${fault} />
    ${report &&
    html`
      <section class="card" role="status">
        <p><strong>${report.read}</strong> days read, <strong>${report.changed}</strong> would come out otherwise, ${report.judged} of them in events that a clinician has judged. Rules <code>${report.ruleset_version}</code>.</p>
      </section>
      ${report.kinds.length > 0 && html`<${Table} caption="Changes by kind" head=${["Change", "Days"]}>${report.kinds.map((one) => html`<tr><td>${one.what}</td><td>${one.count}</td></tr>`)}<//>`}
      ${report.days.length > 0 && html`<${Table} caption="Days" head=${["Subject", "Day", "Was graded by", "Changes"]}>${report.days.map((one) => html`<tr><td><a href="#/patient/${one.subject_id}">${one.subject_id}</a></td><td>${one.day}</td><td><code>${one.ruleset_version}</code></td><td>${one.changes.join("; ")}</td></tr>`)}<//>`}
    `}
  `;
}
