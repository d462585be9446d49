// A patient's course: baseline, milestones, doses; entered here, corrected only with a reason.
import { html, useState } from "../shared/ui.js";
import { Fault, Table, Waiting, useLoad, useSending } from "./parts.js";
import { client } from "./session.js";
import { nameOf } from "./names.js";
import { fact, moment, plain } from "./words.js";

const MILESTONES = ["randomised", "first_dose", "radiotherapy_start", "radiotherapy_end", "efficacy_assessment", "surgery", "local_excision", "watch_and_wait", "last_treatment", "off_study"];
const CHANGES = ["given", "reduced", "delayed", "interrupted", "stopped", "omitted"];
const NOT_TAKEN = ["stopped", "omitted"];

export function Course({ subject, study, care, names, again }) {
  const [doses, fault, reload] = useLoad(() => client.all(`/subjects/${subject.id}/exposures`), [subject.id]);
  return html`
    <section class="card">
      <h2>Before treatment</h2>
      <dl class="facts">
        ${Object.entries(subject.baseline).map(([name, value]) => {
          const shown = fact(name.replace("baseline_", ""), value);
          return html`<div><dt>${shown.title}</dt><dd>${shown.value}</dd></div>`;
        })}
        ${Object.entries(subject.baseline_labs).map(([name, lab]) => html`<div><dt>${plain(name)}</dt><dd>${lab.value} ${lab.unit}</dd></div>`)}
      </dl>
    </section>
    <section class="card">
      <h2>Milestones</h2>
      ${subject.blinded && html`<p class="soft">Days that would tell the arm are left out.</p>`}
      <ul>${subject.milestones.map((one) => html`<li>${plain(one.kind)}: <strong>${one.on}</strong> <span class="soft small">entered ${moment(one.recorded_at)} by ${names.get(one.recorded_by) || "somebody"}${one.reason ? `: ${one.reason}` : ""}</span></li>`)}</ul>
      ${care && html`<${NewMilestone} subject=${subject} again=${again} />`}
    </section>
    <section class="card">
      <h2>Doses</h2>
      ${!doses
        ? html`<${Waiting} fault=${fault} again=${reload} />`
        : html`
            <${Table} caption="Doses of ${subject.id}" head=${["What", "From", "To", "Dose", "Cycle", "Change", "Reason"]}>
              ${doses.map(
                (one) => html`
                  <tr key=${one.id} class=${one.corrected ? "superseded" : ""}>
                    <td>${nameOf(one.component, study)}</td><td>${one.first}</td><td>${one.last || ""}</td><td>${one.dose} ${one.unit}</td>
                    <td>${one.cycle ?? (one.fraction ? `fraction ${one.fraction}` : "")}</td><td>${plain(one.change)}${one.corrected ? " (corrected later)" : ""}</td><td>${one.reason || ""}</td>
                  </tr>
                `,
              )}
            <//>
          `}
      ${care && html`<${NewDose} subject=${subject} study=${study} again=${reload} />`}
    </section>
  `;
}

function NewMilestone({ subject, again }) {
  const [kind, setKind] = useState("");
  const [on, setOn] = useState("");
  const [reason, setReason] = useState("");
  const { busy, fault, run } = useSending();
  const known = subject.milestones.some((one) => one.kind === kind);
  const send = (event) => {
    event.preventDefault();
    run(async () => {
      await client.post(`/subjects/${subject.id}/milestones`, { kind, on, rev: subject.rev, ...(reason ? { reason } : {}) });
      setKind("");
      setReason("");
      again();
    });
  };
  return html`
    <form class="row" onSubmit=${send}>
      <label>Milestone <select value=${kind} onChange=${(event) => setKind(event.target.value)} required><option value="">choose</option>${MILESTONES.map((one) => html`<option value=${one}>${plain(one)}</option>`)}</select></label>
      <label>On <input type="date" value=${on} onInput=${(event) => setOn(event.target.value)} required /></label>
      ${known && html`<label>Why it is corrected <input value=${reason} minlength="3" onInput=${(event) => setReason(event.target.value)} required /></label>`}
      <button disabled=${busy}>Enter</button>
      <${Fault} fault=${fault} />
    </form>
  `;
}

function NewDose({ subject, study, again }) {
  const [dose, setDose] = useState({ component: "", first: "", last: "", amount: "", cycle: "", fraction: "", change: "given", reason: "" });
  const { busy, fault, run } = useSending();
  const set = (part) => setDose({ ...dose, ...part });
  const component = study.components[dose.component];
  const isOral = component && component.route === "oral";
  const isRadiation = component && component.route === "radiation";
  const none = NOT_TAKEN.includes(dose.change);
  const send = (event) => {
    event.preventDefault();
    run(async () => {
      await client.post(`/subjects/${subject.id}/exposures`, {
        component: dose.component,
        first: dose.first,
        ...(dose.last && isOral ? { last: dose.last } : {}),
        dose: none ? 0 : Number(dose.amount.replace(",", ".")),
        unit: component.unit,
        ...(dose.cycle ? { cycle: Number(dose.cycle) } : {}),
        ...(dose.fraction ? { fraction: Number(dose.fraction) } : {}),
        change: dose.change,
        ...(dose.reason ? { reason: dose.reason } : {}),
      });
      set({ first: "", last: "", amount: "", reason: "" });
      again();
    });
  };
  return html`
    <h3>Enter a dose</h3>
    <form class="form-grid" onSubmit=${send}>
      <label class="field">What <select value=${dose.component} onChange=${(event) => set({ component: event.target.value })} required><option value="">choose</option>${Object.entries(study.components).map(([id, one]) => html`<option value=${id}>${one.name}</option>`)}</select></label>
      <label class="field">Change <select value=${dose.change} onChange=${(event) => set({ change: event.target.value })}>${CHANGES.map((one) => html`<option>${one}</option>`)}</select></label>
      <label class="field">${isOral ? "First day" : "Day"} <input type="date" value=${dose.first} onInput=${(event) => set({ first: event.target.value })} required /></label>
      ${isOral && html`<label class="field">Last day (empty: still taken) <input type="date" value=${dose.last} onInput=${(event) => set({ last: event.target.value })} /></label>`}
      ${!none && html`<label class="field">Dose ${component ? `(${component.unit}${isOral ? " per day" : ""})` : ""} <input inputmode="decimal" value=${dose.amount} onInput=${(event) => set({ amount: event.target.value })} required /></label>`}
      ${isRadiation
        ? html`<label class="field">Fraction <input inputmode="numeric" value=${dose.fraction} onInput=${(event) => set({ fraction: event.target.value })} /></label>`
        : html`<label class="field">Cycle <input inputmode="numeric" value=${dose.cycle} onInput=${(event) => set({ cycle: event.target.value })} /></label>`}
      ${dose.change !== "given" && html`<label class="field">Reason <input value=${dose.reason} minlength="3" onInput=${(event) => set({ reason: event.target.value })} required /></label>`}
      ${component && html`<p class="soft full">Planned: ${component.plan}${component.assumption ? ` (${component.assumption})` : ""}</p>`}
      <div class="full"><button disabled=${busy}>Enter</button></div>
      <div class="full"><${Fault} fault=${fault} /></div>
    </form>
  `;
}
