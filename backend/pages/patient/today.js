// The day's view: the advice that came back, what is to do, and what became of what was sent.
import { html, useEffect, useRef, useState, go } from "../shared/ui.js";
import { siteOf } from "./plan.js";
import { addDays, asksOf, dayIn, stepsOf, newAnswers, windowOf } from "./steps.js";
import { sendWaiting } from "./sync.js";

const SECONDS_A_STEP = 7;
const DONE = ["done", "done_late"];

export function Today({ words, device, study, plan, instrument, drafts, queue, diaries, language }) {
  const today = dayIn(device.zone, new Date());
  const yesterday = addDays(today, -1);
  const site = siteOf(study, device);
  const own = queue.filter((item) => item.kind === "diary" && item.day === today);
  const latest = own.at(-1);
  // Written on another phone, perhaps: then only the server knows of it.
  const there = !latest && (diaries || []).find((one) => one.day === today && !one.superseded);
  const done = latest || there || DONE.includes((windowOf(plan, today) || {}).state);
  const missed = windowOf(plan, yesterday);
  const late = missed && ["late", "due", "reminded"].includes(missed.state) && !queue.some((item) => item.day === yesterday);
  // What is still on the phone from other days is shown as well: nobody may think that it arrived.
  const stuck = queue.filter((item) => item.state !== "received" && item !== latest);

  return html`
    <h1 tabindex="-1">${dayTitle(today, language)}</h1>
    ${latest && html`<${Outcome} item=${latest} words=${words} site=${site} language=${language} />`}
    ${stuck.map((item) => html`<${Stuck} item=${item} words=${words} language=${language} key=${item.id} />`)}
    ${instrument && study
      ? html`
          ${!done &&
          html`
            <section class="card center">
              ${plan && plan.windows.length > 0 && !windowOf(plan, today) && html`<p>${words.not_expected}</p>`}
              <button class="wide big" onClick=${() => go("diary", today)}>
                ${drafts[today] ? words.resume : words.begin}
              </button>
              <p class="soft">${words.about(minutes(instrument, asksOf(plan, study, today), study))}</p>
            </section>
          `}
          ${late && html`<button class="wide quiet big" onClick=${() => go("diary", yesterday)}>${words.begin_yesterday}</button>`}
          ${done && !latest && html`<p class="state good"><span aria-hidden="true">✓</span> ${words.done_today}</p>`}
          ${(latest || there) &&
          html`
            <p class="soft">${words.felt_worse}</p>
            <button class="wide quiet big" onClick=${() => go("diary", today, latest ? latest.id : there.submission_id)}>${words.change}</button>
          `}
        `
      : html`<p role="status">${words.loading}</p>`}
    <${Contact} words=${words} site=${site} />
    <p class="soft small">${words.hello(device.subject_id)}</p>
  `;
}

/** What became of the day's diary, the advice first, the emergency before all. */
function Outcome({ item, words, site, language }) {
  const head = useRef();
  const kind = item.receipt ? item.receipt.next_step.kind : null;
  useEffect(() => {
    if (kind) head.current.focus();
  }, [item.id, kind]);
  return html`
    ${item.receipt &&
    html`
      <section class="notice ${kind === "emergency" ? "emergency" : kind === "call_clinic" ? "urgent" : "good"} advice">
        <h2 tabindex="-1" ref=${head}>${words[`advice_${kind}`]}</h2>
        <p>${item.receipt.next_step.text}</p>
        ${kind === "emergency" && site.emergency_phone && html`<${Dial} danger number=${site.emergency_phone} text=${words.call_emergency(site.emergency_phone)} />`}
        ${kind !== "self_care" && site.phone && html`<${Dial} number=${site.phone} text=${words.call_nurse} />`}
      </section>
    `}
    ${!item.receipt && item.danger && html`<${Danger} words=${words} site=${site} />`}
    <${State} item=${item} words=${words} language=${language} />
    ${item.receipt &&
    questionsOf(item).length > 0 &&
    html`
      <section class="card">
        <p>${words.questions_title}</p>
        <button class="wide quiet big" onClick=${() => go("questions", item.id)}>
          ${words.questions_button(questionsOf(item).length)}
        </button>
      </section>
    `}
  `;
}

const MOST_QUESTIONS = 5;

/** Give the questions whose answers would settle a grade or flag, a few at a time. */
export function questionsOf(item) {
  if (item.answers.asked_after) return [];
  return item.receipt.questions.slice(0, MOST_QUESTIONS);
}

export function Danger({ words, site }) {
  return html`
    <section class="notice emergency" role="alert">
      <p><strong>${words.danger_now}</strong></p>
      ${site.emergency_phone && html`<${Dial} danger number=${site.emergency_phone} text=${words.call_emergency(site.emergency_phone)} />`}
      ${site.phone && html`<${Dial} number=${site.phone} text=${words.call_nurse} />`}
    </section>
  `;
}

function Stuck({ item, words, language }) {
  return html`
    <section class="card">
      <p class="soft">${item.kind === "photo" ? words.photo_alt("") : ""} ${dayTitle(item.day, language)}</p>
      <${State} item=${item} words=${words} language=${language} />
    </section>
  `;
}

/** Saved here and received there are two things, told apart by sign, word and colour. */
function State({ item, words, language }) {
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    await sendWaiting().catch(() => {});
    setBusy(false);
  };
  if (item.state === "received") {
    return html`
      <p class="state good" role="status">
        <span aria-hidden="true">✓</span>
        <span><strong>${words.received}</strong> ${words.received_at(timeOf(item.receipt.received_at, language))}</span>
      </p>
    `;
  }
  if (item.state === "refused") {
    return html`
      <div class="notice urgent" role="alert">
        <p><strong>${words.refused}</strong></p>
        <p>${words.refused_text}</p>
      </div>
    `;
  }
  return html`
    <div class="state waiting" role="status">
      <span aria-hidden="true">▣</span>
      <span><strong>${words.saved}</strong><br />${words.saved_text}</span>
    </div>
    <button class="wide quiet" onClick=${send} disabled=${busy}>${busy ? words.loading : words.send_now}</button>
  `;
}

function Contact({ words, site }) {
  return html`
    <section class="contact">
      <p class="soft">${words.not_an_alarm}</p>
      ${site.phone && html`<${Dial} number=${site.phone} text=${words.call_nurse} quiet />`}
    </section>
  `;
}

function Dial({ number, text, danger, quiet }) {
  const kind = danger ? "danger" : quiet ? "quiet" : "";
  return html`<a class="button wide big ${kind}" href="tel:${number.replace(/[^+0-9]/g, "")}">✆ ${text}</a>`;
}

function minutes(instrument, asks, study) {
  const steps = stepsOf(instrument, asks, study.diary.vitals, newAnswers(""));
  return Math.max(2, Math.round((steps.length * SECONDS_A_STEP) / 60));
}

export function dayTitle(day, language) {
  const shown = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shown).format(new Date(`${day}T12:00:00Z`));
}

function timeOf(moment, language) {
  const shown = { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shown).format(new Date(moment));
}
