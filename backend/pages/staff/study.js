// The study at a glance: enrolment, exposure, compliance, incidence; the arms only behind a reason.
import { html, useMemo, useState } from "../shared/ui.js";
import { Bars } from "./bars.js";
import { Fault, Picture, Table, Waiting, useLoad, useSending } from "./parts.js";
import { client } from "./session.js";
import { nameOf } from "./names.js";
import { moment, plain } from "./words.js";

const GROUPS = { all: "Any adverse event", serious: "Serious", "immune-related": "Immune-related", "special-interest": "Of special interest" };

export function Study({ study, who }) {
  const [found, fault, again] = useLoad(() => client.get("/overview"), []);
  if (!found) return html`<h1 tabindex="-1">Study at a glance</h1><${Waiting} fault=${fault} again=${again} />`;
  return html`
    <header class="bar">
      <h1 tabindex="-1">Study at a glance</h1>
      <span class="soft">as of ${moment(found.as_of)} · study file ${found.study_version} · rules ${found.ruleset_version}</span>
    </header>
    <p>${study.title}</p>
    <ul class="figures" role="list">
      <li><strong>${found.enrolled}</strong> enrolled</li>
      <li><strong>${found.treated}</strong> treated (safety population)</li>
      ${found.groups.map((one) => html`<li><strong>${one.percent === null ? "–" : `${one.percent} %`}</strong> ${GROUPS[one.group].toLowerCase()} <span class="soft">${one.patients === null ? "few: hidden" : `${one.patients} of ${found.treated}`}; grade ≥ 3: ${one.severe === null ? "few: hidden" : one.severe}</span></li>`)}
    </ul>
    <p class="soft small">${found.unjudged} courses rest on the machine's grade alone: no clinician has judged them. Serious, immune-related and special interest count only what a clinician judged.</p>
    <div class="columns">
      <section class="card"><h2>Enrolment by month</h2><${Bars} title="Subjects enrolled, so far" unit="subjects" bars=${found.months.map((one) => ({ label: one.month, value: one.so_far, text: `${one.so_far} (+${one.enrolled})` }))} /></section>
      <section class="card"><h2>Exposure</h2><${Bars} title="Subjects who had any" unit="subjects" most=${found.enrolled} bars=${found.components.map((one) => ({ label: nameOf(one.component, study), value: one.subjects, text: `${one.subjects} subjects, ${one.administrations} records` }))} /></section>
      <section class="card">
        <h2>Sites</h2>
        <${Table} caption="Sites" head=${["Site", "Enrolled", "Treated", "Status", "Diaries done"]}>
          ${found.sites.map((one) => html`<tr><td>${one.site} ${study.sites[one.site].name}</td><td>${one.enrolled}</td><td>${one.treated}</td><td>${Object.entries(one.statuses).map(([status, count]) => `${count} ${plain(status)}`).join(", ")}</td><td>${one.percent_done === null ? "–" : `${one.percent_done} % (${one.diaries_done} of ${one.diaries_over})`}</td></tr>`)}
        <//>
      </section>
      <section class="card"><h2>Time on study</h2><${Picture} path="/pictures/swimmer.svg" title="Time on study by subject, without the arms" /></section>
    </div>
    <${Incidence} who=${who} study=${study} />
  `;
}

/** Incidence by term; with the arms only for who may see them, after a reason that is written down first. */
function Incidence({ who, study }) {
  const [group, setGroup] = useState("all");
  const [arms, setArms] = useState(null);
  const [reason, setReason] = useState("");
  const { busy, fault: refused, run, setFault } = useSending();
  const [blinded, fault, again] = useLoad(() => client.get(`/tables/incidence?group=${group}`), [group]);
  const table = arms || blinded;
  const mayUnblind = who.grants.some((grant) => grant.unblinded);
  const choose = (next) => {
    setArms(null);
    setFault(null);
    setGroup(next);
  };
  const unblind = (event) => {
    event.preventDefault();
    run(async () => setArms(await client.post("/tables/incidence/by-arm", { group, reason })));
  };
  const columns = useMemo(() => (arms ? [...Object.keys(study.arms), "total"] : ["total"]), [arms]);
  return html`
    <section class="card" aria-labelledby="incidence">
      <h2 id="incidence">Incidence of treatment-emergent adverse events ${arms ? html`<span class="label unblinded">with the arms</span>` : html`<span class="label">without the arms</span>`}</h2>
      <div class="row">
        <label>Events <select value=${group} onChange=${(event) => choose(event.target.value)}>${Object.entries(GROUPS).map(([id, title]) => html`<option value=${id}>${title}</option>`)}</select></label>
        ${mayUnblind && !arms &&
        html`
          <form class="row gate" onSubmit=${unblind}>
            <label>Reason to see the arms <input value=${reason} minlength="3" maxlength="500" size="34" onInput=${(event) => setReason(event.target.value)} required /></label>
            <button disabled=${busy}>Show by arm</button>
          </form>
        `}
        ${arms && html`<button class="quiet" onClick=${() => setArms(null)}>Hide the arms again</button>`}
      </div>
      ${mayUnblind && !arms && html`<p class="soft small">Who looked, when and why goes to the audit trail before anything is counted.</p>`}
      <${Fault} fault=${refused} />
      ${!table
        ? html`<${Waiting} fault=${fault} again=${again} />`
        : html`
            <${Table} caption="Incidence" head=${["System organ class, term", ...columns.flatMap((one) => [`${one === "total" ? "All" : `Arm ${one}`} (n=${table.population[one] ?? 0}), any grade`, "grade ≥ 3"]), ...(arms ? ["Difference A − B, any grade (95 % CI)", "p, test"] : [])]}>
              ${table.rows.map((row) => html`
                <tr class="level-${row.level}">
                  <th scope="row">${row.level === "overall" ? "Any term" : row.level === "soc" ? row.soc : row.term}</th>
                  ${columns.flatMap((one) => [html`<td>${cell(row.any_grade, one)}</td>`, html`<td>${cell(row.severe, one)}</td>`])}
                  ${arms && html`<td>${differenceOf(row.any_grade.comparison)}</td><td>${testOf(row.any_grade.comparison)}</td>`}
                </tr>
              `)}
            <//>
            <p class="soft small">${table.test_rule ? `${table.test_rule}. ` : ""}${table.interval}. A subject counts once a line, by the worst grade. – : a small cell, hidden.</p>
          `}
    </section>
  `;
}

function cell(counted, column) {
  const patients = counted.patients[column];
  return patients === null || patients === undefined ? "–" : `${patients} (${counted.percent[column]} %)`;
}

function differenceOf(comparison) {
  if (!comparison) return "";
  return `${comparison.difference.toFixed(1)} (${comparison.low.toFixed(1)} to ${comparison.high.toFixed(1)})`;
}

function testOf(comparison) {
  if (!comparison) return "";
  return comparison.p === null ? comparison.why : `${comparison.p.toFixed(4)}, ${comparison.test}`;
}
