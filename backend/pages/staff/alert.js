// One alert, to be answered in ten seconds: what was said, why it rings, since when, what may be the cause.
import { html, useMemo } from "../shared/ui.js";
import { Answering } from "./answering.js";
import { Chart } from "./chart.js";
import { Grade, Picture, Tier, Waiting, useLoad, useNow } from "./parts.js";
import { nameOf } from "./names.js";
import { client, holds, CARE } from "./session.js";
import { said, trendsOf, onBoard } from "./reading.js";
import { STATES, fact, moment, plain, span } from "./words.js";

export function Alert({ rest: [id], names, who, study, colleagues }) {
  const [found, fault, again] = useLoad(() => everything(id), [id]);
  const now = useNow();
  if (!found) return html`<h1 tabindex="-1">Alert</h1><${Waiting} fault=${fault} again=${again} />`;
  const { alert, assessment, diary, flag, doses, diaries, subject, events, photos } = found;
  const holder = alert.assigned_to || alert.acknowledged_by;
  const left = Date.parse(alert.acknowledge_by) - now;
  return html`
    <header class="alert-head ${alert.tier}">
      <div>
        <${Tier} tier=${alert.tier} />
        <h1 tabindex="-1">${alert.title}</h1>
        <p>
          <a href="#/patient/${alert.subject_id}"><strong>${alert.subject_id}</strong></a> · ${alert.site} ·
          rang ${span(now - Date.parse(alert.rung_at))} ago
          ${alert.state === "new" && html`${" · "}<strong>${left < 0 ? `overdue by ${span(-left)}` : `answer within ${span(left)}`}</strong>`}
          ${" · "}${holder ? html`<strong>${holder === who.id ? "you have" : `${names.get(holder) || "somebody"} has`} it</strong> (${STATES[alert.state]})` : html`<strong>${STATES[alert.state]}</strong>`}
        </p>
      </div>
      ${study.sites[alert.site] && html`<p class="soft small">Patient's language: ${subject.language === "zh" ? "Chinese" : "English"}; there it is ${clockIn(subject.zone, now)}</p>`}
    </header>
    <${Answering} alert=${alert} who=${who} colleagues=${colleagues} again=${again} />
    <div class="columns">
      <section class="card" aria-labelledby="why">
        <h2 id="why">Why it rings</h2>
        ${flag ? html`<${Why} flag=${flag} />` : html`<p>${alert.reason}</p>`}
        ${assessment && html`<${Grades} assessment=${assessment} flag=${flag} />`}
      </section>
      <section class="card" aria-labelledby="said">
        <h2 id="said">What the patient said${diary ? html` <span class="soft small">${diary.day}, received ${moment(diary.received_at)}</span>` : ""}</h2>
        <${Said} diary=${diary} assessment=${assessment} />
        ${photos.map((photo) => html`<figure key=${photo.photo_id}><${Picture} path="/photos/${photo.photo_id}" title="Photo of ${photo.kind}" /><figcaption class="soft">${photo.kind}, ${moment(photo.taken_at || photo.received_at)}</figcaption></figure>`)}
      </section>
      <section class="card" aria-labelledby="ask">
        <h2 id="ask">To ask by telephone</h2>
        <${Questions} assessment=${assessment} flag=${flag} />
      </section>
      <section class="card" aria-labelledby="drugs">
        <h2 id="drugs">Drugs on board</h2>
        <${Drugs} assessment=${assessment} doses=${doses} study=${study} day=${assessment ? assessment.day : null} />
      </section>
      <section class="card" aria-labelledby="cause">
        <h2 id="cause">Candidate causes</h2>
        <${Causes} flag=${flag} study=${study} />
        <h3>What the label or guideline says</h3>
        <${Actions} flag=${flag} study=${study} />
        <p class="soft small">For the investigator's decision; nothing here is an order.</p>
      </section>
      <section class="card wide-card" aria-labelledby="trend">
        <h2 id="trend">Trend</h2>
        <${Trends} flag=${flag} diaries=${diaries} doses=${doses} subject=${subject} />
      </section>
      <section class="card" aria-labelledby="events">
        <h2 id="events">Adverse events of this patient</h2>
        <${Events} events=${events} flag=${flag} subject=${alert.subject_id} canJudge=${holds(who, ...CARE)} />
      </section>
      <section class="card" aria-labelledby="steps">
        <h2 id="steps">What was done</h2>
        <ol class="steps">
          ${alert.steps.map(
            (step) => html`<li><time>${moment(step.at)}</time> <strong>${plain(step.step)}</strong> ${names.get(step.by) || (step.by.startsWith("device/") ? "by the patient's phone" : "by the system")}${step.note ? html`: ${step.note}` : ""}</li>`,
          )}
        </ol>
      </section>
    </div>
  `;
}

async function everything(id) {
  const alert = await client.get(`/alerts/${id}`);
  const subject = `/subjects/${alert.subject_id}`;
  const latest = alert.assessment_ids.at(-1);
  const [assessment, doses, diaries, person, events, photos] = await Promise.all([
    latest ? client.get(`/assessments/${latest}`) : null,
    client.all(`${subject}/exposures`),
    client.all(`${subject}/diaries`, 60),
    client.get(subject),
    client.get(`/listings/adverse-events?subject_id=${alert.subject_id}&sort=-onset&limit=200`),
    client.get(`${subject}/photos`),
  ]);
  const isDiary = assessment && assessment.source_kind === "diary";
  const diary = isDiary ? await client.get(`/diaries/${assessment.source_id}`) : null;
  const flag = assessment && assessment.flags.find((one) => one.id === alert.flag_id);
  const own = photos.items.filter((photo) => diary && photo.submission_id === diary.submission_id);
  return { alert, assessment, diary, flag, doses, diaries, subject: person, events: events.items, photos: own };
}

function Why({ flag }) {
  return html`
    <p class="criterion">${flag.text}</p>
    <dl class="facts">
      ${Object.entries(flag.inputs).map(([name, value]) => {
        const { title, value: shown } = fact(name, value);
        return html`<div><dt>${title}</dt><dd>${shown}</dd></div>`;
      })}
    </dl>
    ${flag.weak && html`<p class="soft">By itself a weak sign of an immune-related event.</p>`}
    <details>
      <summary>Rule ${flag.rule}, version ${flag.rule_version}</summary>
      <p><code>${flag.reason}</code></p>
      <p>Source: ${flag.source} (${MARKS[flag.mark] || flag.mark}). <a href="#/rules/flag/${flag.id}">The rule</a></p>
    </details>
  `;
}

const MARKS = { read: "read in the source", GK: "general knowledge, to be checked", P: "a proposal of this project" };

function Grades({ assessment, flag }) {
  const inputs = new Set(Object.keys((flag && flag.inputs) || {}));
  const shared = (grade) => Object.keys(grade.inputs).some((name) => inputs.has(name));
  const shown = assessment.grades
    .filter((grade) => (grade.grade ?? grade.at_least ?? 0) > 0 || (shared(grade) && grade.at_most !== 0))
    .sort((one, other) => shared(other) - shared(one) || (other.grade || 0) - (one.grade || 0));
  return html`
    <h3>Provisional CTCAE v4.03 grades</h3>
    ${shown.length === 0 && html`<p>None above 0.</p>`}
    <ul class="grades" role="list">
      ${shown.map(
        (grade) => html`
          <li>
            <${Grade} grade=${grade.grade} least=${grade.at_least} most=${grade.at_most} />
            <span>
              <strong>${grade.term}</strong>${grade.criterion ? html`: ${grade.criterion}` : ""}
              <br /><span class="soft small">${grade.reason}${grade.missing.length ? `; not known: ${grade.missing.map(plain).join(", ")}` : ""}</span>
            </span>
          </li>
        `,
      )}
    </ul>
  `;
}

function Said({ diary, assessment }) {
  if (!diary && !assessment) return html`<p>No diary or report stands behind this alert.</p>`;
  if (!diary) {
    const labs = Object.entries(assessment.facts.labs);
    return html`
      <p>A laboratory report of ${assessment.day}, not a diary.</p>
      <dl class="facts">
        ${labs.map(([name, lab]) => html`<div><dt>${plain(name)}</dt><dd>${lab.value} ${lab.unit}${limitsOf(lab)}</dd></div>`)}
      </dl>
    `;
  }
  const { felt, measured, plainly, fine, skipped } = said(diary);
  return html`
    ${diary.free_text && html`<blockquote>${diary.free_text}</blockquote>`}
    <dl class="facts">
      ${[...felt, ...plainly, ...measured].map((one) => html`<div class=${one.strong ? "strong" : ""}><dt>${one.title}</dt><dd>${one.value}</dd></div>`)}
    </dl>
    ${diary.body_map && diary.body_map.length > 0 && html`<p>Marked on the body: ${diary.body_map.map((one) => `${plain(one.region)}${one.palms ? ` (${one.palms} palms)` : ""}`).join(", ")}</p>`}
    ${fine.length > 0 && html`<p class="soft small">Asked and not there: ${fine.join(", ")}.</p>`}
    ${skipped.length > 0 && html`<p class="small"><strong>Not answered:</strong> ${skipped.join(", ")}.</p>`}
  `;
}

function limitsOf(lab) {
  if (lab.lln === null && lab.uln === null) return " (limits not known)";
  return ` (${lab.lln ?? ""}–${lab.uln ?? ""})`;
}

function Questions({ assessment, flag }) {
  const asked = assessment ? assessment.questions : [];
  const inputs = Object.keys((flag && flag.inputs) || {});
  const near = (assessment ? assessment.grades : []).filter((grade) => inputs.some((name) => name in grade.inputs));
  const missing = new Set([...((flag && flag.missing) || []), ...near.flatMap((grade) => grade.missing)]);
  // What is open about this alert first; of the rest, what the whole diary left open.
  const first = [...asked].sort((one, other) => missing.has(other.fact) - missing.has(one.fact));
  if (!first.length) return html`<p>Nothing that the rules know of is missing.</p>`;
  return html`
    <ol class="ask">
      ${first.slice(0, 12).map((one) => html`<li class=${missing.has(one.fact) ? "strong" : ""}>${one.text.en || one.text}</li>`)}
    </ol>
    ${first.length > 12 && html`<p class="soft">and ${first.length - 12} more</p>`}
  `;
}

function Drugs({ assessment, doses, study, day }) {
  const values = assessment ? assessment.facts.values : {};
  const rows = onBoard(doses, study, day);
  return html`
    ${values.cycle !== undefined && html`<p><strong>Cycle ${values.cycle}, day ${values.cycle_day}</strong> · study day ${values.study_day}</p>`}
    <ul class="drugs" role="list">
      ${rows.map(
        (row) => html`
          <li>
            <strong>${row.title}</strong>
            ${row.known ? html`<span>${row.text}</span>` : html`<span class="soft">not given</span>`}
          </li>
        `,
      )}
    </ul>
  `;
}

function Causes({ flag, study }) {
  if (!flag || !flag.causes.length) return html`<p>None is ranked for this alert.</p>`;
  return html`
    <ol class="causes">
      ${flag.causes.map(
        (cause) => html`
          <li>
            <strong>${nameOf(cause.component, study)}</strong>
            ${cause.supports.map((text) => html`<span class="for"> + ${text}</span>`)}
            ${cause.opposes.map((text) => html`<span class="against"> − ${text}</span>`)}
          </li>
        `,
      )}
    </ol>
  `;
}

function Actions({ flag, study }) {
  if (!flag || !flag.actions.length) return html`<p class="soft">Nothing is on file.</p>`;
  return html`<ul>${flag.actions.map((one) => html`<li><strong>${nameOf(one.component, study)}</strong>: ${one.text} <span class="soft small">(${one.source})</span></li>`)}</ul>`;
}

function Trends({ flag, diaries, doses, subject }) {
  const charts = useMemo(() => trendsOf(flag, diaries, subject), [flag, diaries]);
  const marks = useMemo(
    () => doses.filter((dose) => !dose.last && dose.change === "given" && !dose.corrected && dose.dose > 0 && dose.component === "ql1706").map((dose) => ({ day: dose.first, label: `C${dose.cycle ?? "?"}` })),
    [doses],
  );
  if (!charts.length) return html`<p>Nothing that the diary asks is behind this alert.</p>`;
  return html`
    <div class="charts">${charts.map((one) => html`<${Chart} key=${one.name} ...${one} marks=${marks} />`)}</div>
    <p class="soft small">Dotted lines: infusions of QL1706 (C1 = cycle 1). A gap is a day without an answer.</p>
  `;
}

function Events({ events, flag, subject, canJudge }) {
  const linked = (event) => flag && (event.flags || []).includes(flag.id);
  const shown = [...events].sort((one, other) => linked(other) - linked(one) || (other.grade || 0) - (one.grade || 0)).slice(0, 8);
  return html`
    ${shown.length === 0 && html`<p>None on record.</p>`}
    <ul class="grades" role="list">
      ${shown.map(
        (event) => html`
          <li>
            <${Grade} grade=${event.judged_grade ?? event.grade} />
            <span>
              <a href="#/event/${event.id}">${event.judged_term || event.term}</a> since ${event.onset}
              <span class="soft small"> · ${event.judged_grade === null ? "not judged by a clinician" : "judged"}${linked(event) ? " · of this alert" : ""}</span>
            </span>
          </li>
        `,
      )}
    </ul>
    ${canJudge && html`<p><a class="button quiet" href="#/event/new/${subject}">Enter an event that is not listed</a></p>`}
  `;
}

function clockIn(zone, now) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", weekday: "short" }).format(new Date(now));
}

