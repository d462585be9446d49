// One patient: where they stand, the timeline, symptoms by day, results, events, phones, diaries.
import { html, useState } from "../shared/ui.js";
import { CallDiary } from "./call_diary.js";
import { Course } from "./course.js";
import { Fault, Grade, Picture, Table, Tier, Waiting, useLoad, useSending } from "./parts.js";
import { CARE, client, holds } from "./session.js";
import { said } from "./reading.js";
import { moment, plain } from "./words.js";

const TABS = {
  timeline: "Timeline",
  diaries: "Diaries",
  results: "Results",
  events: "Adverse events",
  course: "Course and doses",
  phones: "Phones",
  call: "Telephone diary",
};

export function Patient({ rest: [id, tab = "timeline"], who, study, names }) {
  const [subject, fault, again] = useLoad(() => client.get(`/subjects/${id}`), [id]);
  const care = holds(who, ...CARE);
  const tabs = Object.entries(TABS).filter(([name]) => care || !["phones", "call"].includes(name));
  if (!subject) return html`<h1 tabindex="-1">${id}</h1><${Waiting} fault=${fault} again=${again} />`;
  return html`
    <header class="bar">
      <h1 tabindex="-1">${id}</h1>
      <span>${study.sites[subject.site].name} · ${plain(subject.status)} · MRF ${subject.mrf}${subject.arm ? ` · arm ${subject.arm}` : ""}</span>
      ${care && html`<a class="button quiet" href="#/card/${id}">Activation card</a>`}
    </header>
    <nav class="tabs" aria-label="About ${id}">
      ${tabs.map(([name, title]) => html`<a href="#/patient/${id}/${name}" aria-current=${name === tab ? "page" : undefined}>${title}</a>`)}
    </nav>
    ${tab === "timeline" && html`<${Timeline} id=${id} />`}
    ${tab === "diaries" && html`<${Diaries} id=${id} />`}
    ${tab === "results" && html`<${Results} id=${id} subject=${subject} />`}
    ${tab === "events" && html`<${Events} id=${id} care=${care} />`}
    ${tab === "course" && html`<${Course} subject=${subject} study=${study} care=${care} names=${names} again=${again} />`}
    ${tab === "phones" && care && html`<${Phones} id=${id} />`}
    ${tab === "call" && care && html`<${CallDiary} subject=${subject} study=${study} />`}
  `;
}

function Timeline({ id }) {
  return html`
    <section class="card"><h2>Doses, symptoms, samples and events</h2><${Picture} path="/subjects/${id}/pictures/timeline.svg" title="Timeline of ${id}: doses, symptoms, samples and events by day" /></section>
    <section class="card"><h2>Symptoms by day</h2><${Picture} path="/subjects/${id}/pictures/symptoms.svg" title="Symptoms of ${id} by day" /></section>
  `;
}

function Diaries({ id }) {
  const [found, fault, again] = useLoad(() => client.all(`/subjects/${id}/diaries`, 400), [id]);
  const [open, setOpen] = useState(null);
  if (!found) return html`<${Waiting} fault=${fault} again=${again} />`;
  if (!found.length) return html`<p class="card">No diary has come yet.</p>`;
  return html`
    <section class="card">
      <${Table} caption="Diaries of ${id}" head=${["Day", "Received", "Worst answers", "By", ""]}>
        ${found.map((diary) => {
          const { felt, plainly } = said(diary);
          return html`
            <tr key=${diary.id} class=${diary.superseded ? "superseded" : ""}>
              <td>${diary.day}</td><td>${moment(diary.received_at)}</td>
              <td>${[...felt.slice(0, 3), ...plainly.filter((one) => one.strong)].map((one) => `${one.title}: ${one.value}`).join("; ") || "nothing above none"}</td>
              <td>${diary.entered_by.startsWith("device/") ? "phone" : "telephone call"}${diary.superseded ? ", corrected later" : ""}</td>
              <td><button class="quiet" aria-expanded=${String(open === diary.id)} onClick=${() => setOpen(open === diary.id ? null : diary.id)}>Why graded</button></td>
            </tr>
            ${open === diary.id && html`<tr><td colspan="5"><${Assessment} diary=${diary.id} /></td></tr>`}
          `;
        })}
      <//>
    </section>
  `;
}

function Assessment({ diary }) {
  const [found, fault, again] = useLoad(() => client.get(`/diaries/${diary}/assessment`), [diary]);
  if (!found) return html`<${Waiting} fault=${fault} again=${again} />`;
  const grades = found.grades.filter((grade) => (grade.grade ?? grade.at_least ?? 0) > 0);
  return html`
    <p class="soft">${found.notice} Rule set ${found.ruleset_version}.</p>
    ${found.flags.map((flag) => html`<p><${Tier} tier=${flag.tier} /> <a href="#/rules/flag/${flag.id}">${flag.title.en}</a>: ${flag.text}<br /><code class="small">${flag.reason}</code></p>`)}
    <ul class="grades" role="list">
      ${grades.map((grade) => html`<li><${Grade} grade=${grade.grade} least=${grade.at_least} most=${grade.at_most} /><span><strong>${grade.term}</strong> ${grade.reason}${grade.missing.length ? `; not known: ${grade.missing.map(plain).join(", ")}` : ""}</span></li>`)}
    </ul>
  `;
}

function Results({ id, subject }) {
  const analytes = Object.keys(subject.baseline_labs);
  const [analyte, setAnalyte] = useState(analytes[0] || "alt");
  const [found, fault, again] = useLoad(() => client.get(`/listings/laboratory-results?subject_id=${id}&sort=-day&limit=100`), [id]);
  return html`
    <section class="card">
      <h2>Results over time</h2>
      <label>Analyte <select value=${analyte} onChange=${(event) => setAnalyte(event.target.value)}>${(analytes.length ? analytes : ["alt"]).map((one) => html`<option>${one}</option>`)}</select></label>
      <${Picture} path="/subjects/${id}/pictures/lab-trend.svg?analyte=${analyte}" title="${analyte} of ${id} over time" />
    </section>
    ${!found
      ? html`<${Waiting} fault=${fault} again=${again} />`
      : html`
          <section class="card">
            <${Table} caption="Results of ${id}, newest first" head=${Object.keys(found.items[0] || { result: "" }).filter(isShown).map(plain)}>
              ${found.items.map((row) => html`<tr>${Object.entries(row).filter(([name]) => isShown(name)).map(([, value]) => html`<td>${value === null ? "–" : String(value)}</td>`)}</tr>`)}
            <//>
          </section>
        `}
  `;
}

function isShown(name) {
  return !["id", "site", "subject_id", "arm"].includes(name);
}

function Events({ id, care }) {
  const [found, fault, again] = useLoad(() => client.get(`/listings/adverse-events?subject_id=${id}&sort=-onset&limit=200`), [id]);
  if (!found) return html`<${Waiting} fault=${fault} again=${again} />`;
  return html`
    <section class="card">
      <${Table} caption="Adverse events of ${id}" head=${["Term", "Provisional", "Clinician's", "First seen", "Last seen", "Serious", "Flags"]}>
        ${found.items.map(
          (one) => html`
            <tr key=${one.id}>
              <td><a href="#/event/${one.id}">${one.judged_term || one.term}</a></td><td><${Grade} grade=${one.grade} /></td>
              <td>${one.judged_grade === null ? html`<span class="soft">not judged</span>` : html`<${Grade} grade=${one.judged_grade} />`}</td>
              <td>${one.judged_onset || one.onset}</td><td>${one.judged_end || one.end || "goes on"}</td>
              <td>${one.serious === null ? "–" : one.serious ? "yes" : "no"}</td><td>${(one.flags || []).join(", ")}</td>
            </tr>
          `,
        )}
      <//>
      ${care && html`<p><a class="button quiet" href="#/event/new/${id}">Enter an event that is not listed</a></p>`}
    </section>
  `;
}

function Phones({ id }) {
  const [found, fault, again] = useLoad(() => client.get(`/subjects/${id}/devices`), [id]);
  const revoke = useSending();
  if (!found) return html`<${Waiting} fault=${fault} again=${again} />`;
  return html`
    <section class="card">
      ${found.items.length === 0 && html`<p>No phone is activated. <a href="#/card/${id}">Make a card</a></p>`}
      <${Table} caption="Phones of ${id}" head=${["Phone", "Activated", "Reminded", "Reached by push", ""]}>
        ${found.items.map(
          (one) => html`
            <tr key=${one.id}>
              <td>${one.label}</td><td>${moment(one.activated_at)}</td><td>${one.reminder_time || "usual time"}</td>
              <td>${one.revoked_at ? `ended: ${one.revoked_why}` : one.push_dead_at ? "no: address is dead" : one.push_kind ? "yes" : "no"}</td>
              <td>${!one.revoked_at && html`<button class="quiet" disabled=${revoke.busy} onClick=${() => revoke.run(async () => { await client.send("DELETE", `/subjects/${id}/devices/${one.id}`); again(); })}>Lost: shut it out</button>`}</td>
            </tr>
          `,
        )}
      <//>
      <${Fault} fault=${revoke.fault} />
    </section>
  `;
}

