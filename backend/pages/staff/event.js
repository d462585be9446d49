// An adverse event: what the machine saw, what clinicians judged, and a judgement entered by whoever signs.
import { html, useState, go } from "../shared/ui.js";
import { Fault, Grade, Table, Waiting, download, useLoad, useSending } from "./parts.js";
import { CARE, client, holds } from "./session.js";
import { nameOf } from "./names.js";
import { moment, plain } from "./words.js";

const SERIOUSNESS = ["death", "life_threatening", "hospitalisation", "disability", "congenital_anomaly", "medically_important"];
const RELATIONS = ["NOT RELATED", "UNLIKELY RELATED", "POSSIBLY RELATED", "RELATED"];
const ACTIONS = ["DOSE NOT CHANGED", "DOSE REDUCED", "DOSE RATE REDUCED", "DOSE INCREASED", "DRUG INTERRUPTED", "DRUG WITHDRAWN", "NOT APPLICABLE", "UNKNOWN"];
const OUTCOMES = ["NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING", "RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE", "FATAL", "UNKNOWN"];

export function Event({ rest: [id, subject], who, study, names }) {
  const isNew = id === "new";
  const [event, fault, again] = useLoad(() => (isNew ? Promise.resolve({ adjudications: [], grades: [], reports: [] }) : client.get(`/adverse-events/${id}`)), [id]);
  const care = holds(who, ...CARE);
  if (!event) return html`<h1 tabindex="-1">Adverse event</h1><${Waiting} fault=${fault} again=${again} />`;
  const latest = event.adjudications.at(-1);
  return html`
    <header class="bar">
      <h1 tabindex="-1">${isNew ? "Adverse event that is not listed" : (latest && latest.term) || event.term}</h1>
      <a href="#/patient/${event.subject_id || subject}">${event.subject_id || subject}</a>
      ${event.report_by && html`<strong>report due by ${moment(event.report_by)}</strong>`}
    </header>
    <div class="columns">
      ${!isNew && html`<${Seen} event=${event} study=${study} />`}
      ${!isNew && html`<${Judged} event=${event} names=${names} study=${study} />`}
      ${care && html`<${Judging} event=${event} latest=${latest} study=${study} subject=${subject} isNew=${isNew} again=${again} />`}
      ${event.report_by && html`<${Serious} event=${event} care=${care} again=${again} />`}
    </div>
  `;
}

function Seen({ event, study }) {
  return html`
    <section class="card">
      <h2>What the machine saw</h2>
      <p><${Grade} grade=${event.worst_grade} /> worst provisional grade · ${event.onset} to ${event.last_seen}${event.end ? "" : " (goes on)"}</p>
      <p>${event.soc} · MedDRA ${event.meddra_code}</p>
      ${event.flags.length > 0 && html`<p>Flags: ${event.flags.map((flag) => html`<a href="#/rules/flag/${flag}">${flag}</a> `)}</p>`}
      ${event.causes.length > 0 && html`<p>Candidate causes, ranked: ${event.causes.map((one) => nameOf(one, study)).join(", ")}</p>`}
      <details>
        <summary>${event.grades.length} provisional grades by day</summary>
        <${Table} caption="Provisional grades" head=${["Day", "Grade", "At most"]}>
          ${event.grades.map((one) => html`<tr class=${one.retracted_by ? "superseded" : ""}><td>${one.day}</td><td>${one.grade}</td><td>${one.at_most ?? ""}</td></tr>`)}
        <//>
      </details>
    </section>
  `;
}

function Judged({ event, names, study }) {
  return html`
    <section class="card">
      <h2>What clinicians judged</h2>
      ${event.adjudications.length === 0 && html`<p>Nobody yet: the provisional grade stands alone.</p>`}
      ${[...event.adjudications].reverse().map(
        (one) => html`
          <article class="judgement" key=${one.id}>
            <p><${Grade} grade=${one.grade} /> <strong>${one.term}</strong>, ${one.onset} to ${one.end || "…"}, ${one.outcome.toLowerCase()}</p>
            <p>${one.serious ? `Serious: ${one.seriousness.map(plain).join(", ")}` : "Not serious"}${one.immune_related ? " · immune-related" : ""}${one.special_interest ? " · special interest" : ""}</p>
            <ul>${Object.entries(one.relations).map(([component, relation]) => html`<li>${nameOf(component, study)}: ${relation.toLowerCase()}, ${(one.actions[component] || "").toLowerCase()}</li>`)}</ul>
            <p>${one.reason}</p>
            <p class="soft small">${names.get(one.by) || "somebody"}, as ${one.signed_as}, ${moment(one.at)}</p>
          </article>
        `,
      )}
    </section>
  `;
}

function Judging({ event, latest, study, subject, isNew, again }) {
  const components = Object.keys(study.components);
  const [form, setForm] = useState(() => ({
    term: (latest && latest.term) || event.term || "",
    grade: latest ? latest.grade : event.worst_grade || 1,
    seriousness: latest ? latest.seriousness : [],
    relations: latest ? latest.relations : {},
    actions: latest ? latest.actions : {},
    outcome: latest ? latest.outcome : "",
    special_interest: latest ? latest.special_interest : false,
    immune_related: latest ? latest.immune_related : false,
    onset: (latest && latest.onset) || event.onset || "",
    end: (latest && latest.end) || event.end || "",
    reason: "",
  }));
  const [terms, setTerms] = useState([]);
  const { busy, fault, run } = useSending();
  const set = (part) => setForm({ ...form, ...part });
  const search = async (text) => {
    set({ term: text });
    if (text.length > 2) setTerms((await client.get(`/ctcae/terms?q=${encodeURIComponent(text)}`).catch(() => ({ items: [] }))).items);
  };
  const send = (submitted) => {
    submitted.preventDefault();
    run(async () => {
      const body = { ...form, end: form.end || null };
      if (isNew) {
        const made = await client.post(`/subjects/${subject}/adverse-events`, body);
        go("event", made.id);
      } else {
        await client.post(`/adverse-events/${event.id}/adjudications`, { ...body, rev: event.rev });
        set({ reason: "" });
        again();
      }
    });
  };
  return html`
    <section class="card wide-card">
      <h2>Judge it</h2>
      <p class="soft">Signed with your role. The provisional grade is another fact and stays as it is.</p>
      <form class="form-grid" onSubmit=${send}>
        <label class="field">CTCAE v4.03 term
          <input list="terms" value=${form.term} onInput=${(typed) => search(typed.target.value)} required />
          <datalist id="terms">${terms.map((one) => html`<option value=${one.name}>${one.soc}</option>`)}</datalist>
        </label>
        <label class="field">Grade <select value=${form.grade} onChange=${(changed) => set({ grade: Number(changed.target.value) })}>${[1, 2, 3, 4, 5].map((one) => html`<option value=${one}>${one}</option>`)}</select></label>
        <label class="field">First day <input type="date" value=${form.onset} onInput=${(changed) => set({ onset: changed.target.value })} required /></label>
        <label class="field">Last day (empty: goes on) <input type="date" value=${form.end || ""} onInput=${(changed) => set({ end: changed.target.value })} /></label>
        <label class="field">Outcome <select value=${form.outcome} onChange=${(changed) => set({ outcome: changed.target.value })} required><option value="">choose</option>${OUTCOMES.map((one) => html`<option>${one}</option>`)}</select></label>
        <fieldset class="full row"><legend>Serious because (none: not serious)</legend>
          ${SERIOUSNESS.map((one) => html`<label><input type="checkbox" checked=${form.seriousness.includes(one)} onChange=${(changed) => set({ seriousness: changed.target.checked ? [...form.seriousness, one] : form.seriousness.filter((known) => known !== one) })} /> ${plain(one)}</label>`)}
        </fieldset>
        <fieldset class="full row"><legend>Kind</legend>
          <label><input type="checkbox" checked=${form.immune_related} onChange=${(changed) => set({ immune_related: changed.target.checked })} /> immune-related</label>
          <label><input type="checkbox" checked=${form.special_interest} onChange=${(changed) => set({ special_interest: changed.target.checked })} /> of special interest</label>
        </fieldset>
        <div class="full">
          <${Table} caption="Relation and action by component" head=${["Component", "Relation", "Action taken"]}>
            ${components.map(
              (one) => html`
                <tr>
                  <th scope="row">${nameOf(one, study)}</th>
                  <td><select aria-label="Relation to ${nameOf(one, study)}" value=${form.relations[one] || ""} onChange=${(changed) => set({ relations: { ...form.relations, [one]: changed.target.value } })} required><option value="">choose</option>${RELATIONS.map((word) => html`<option>${word}</option>`)}</select></td>
                  <td><select aria-label="Action with ${nameOf(one, study)}" value=${form.actions[one] || ""} onChange=${(changed) => set({ actions: { ...form.actions, [one]: changed.target.value } })} required><option value="">choose</option>${ACTIONS.map((word) => html`<option>${word}</option>`)}</select></td>
                </tr>
              `,
            )}
          <//>
        </div>
        <label class="field full">Why <textarea rows="2" minlength="3" maxlength="2000" value=${form.reason} onInput=${(changed) => set({ reason: changed.target.value })} required></textarea></label>
        <div class="full"><button disabled=${busy}>Sign the judgement</button></div>
        <div class="full"><${Fault} fault=${fault} /></div>
      </form>
    </section>
  `;
}

function Serious({ event, care, again }) {
  const [reference, setReference] = useState("");
  const { busy, fault, run } = useSending();
  const send = (submitted) => {
    submitted.preventDefault();
    run(async () => {
      await client.post(`/adverse-events/${event.id}/reports`, { rev: event.rev, sent_at: new Date().toISOString(), reference });
      again();
    });
  };
  return html`
    <section class="card">
      <h2>Serious: report to the sponsor</h2>
      <p>Due by <strong>${moment(event.report_by)}</strong>. Nothing is sent by this system.</p>
      <ul>${event.reports.map((one) => html`<li>${one.reference}, sent ${moment(one.sent_at)}</li>`)}</ul>
      <button class="quiet" onClick=${() => run(() => download("GET", `/adverse-events/${event.id}/sae-draft.pdf`))}>Draft of the form (PDF)</button>
      ${care && html`<form class="row" onSubmit=${send}><label>Sponsor's reference <input value=${reference} maxlength="100" onInput=${(typed) => setReference(typed.target.value)} required /></label><button disabled=${busy}>It was sent now</button></form>`}
      <${Fault} fault=${fault} />
    </section>
  `;
}
