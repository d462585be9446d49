// The diary: one question at a time, each answer kept on the phone at once.
import { html, useEffect, useRef, useState, announce, go } from "../shared/ui.js";
import { Body } from "./body.js";
import { More, Observation, Photo, Score, Vital, observationUnit } from "./kinds.js";
import { siteOf } from "./plan.js";
import { keepDraft } from "./store.js";
import { asksOf, diaryOf, isAnswered, newAnswers, questionText, stepsOf } from "./steps.js";
import { saveAndSend } from "./sync.js";
import { Danger } from "./today.js";
import { unitName } from "./words.js";

export function Diary({ words, device, study, plan, instrument, drafts, queue, language, day, amends }) {
  const before = amends && queue.find((item) => item.id === amends);
  // Of the same diary, or of the same correction of it.
  const draft = drafts[day] && drafts[day].amends === amends ? drafts[day] : null;
  const [answers, setAnswers] = useState(() => {
    if (draft) return draft.answers;
    return before ? { ...before.answers, photos: [], asked_after: undefined } : newAnswers(day);
  });
  const asks = asksOf(plan, study, day);
  const vitals = study.diary.vitals;
  const steps = stepsOf(instrument, asks, vitals, answers);
  const [at, setAt] = useState(() => (draft && draft.at) || (before ? "review" : "danger"));
  const index = Math.max(0, steps.findIndex((step) => step.id === at));
  const step = steps[index];
  const head = useRef();

  useEffect(() => {
    head.current.focus();
    scrollTo(0, 0);
  }, [step.id]);

  const keep = (changed, next = at) => {
    setAnswers(changed);
    keepDraft(day, { answers: changed, at: next, amends });
  };
  const goTo = (id, kept = answers) => {
    setAt(id);
    keepDraft(day, { answers: kept, at: id, amends });
  };
  /** Keep an answer and show what is asked next because of it. */
  const answer = (changed) => {
    setAnswers(changed);
    onward(changed);
  };
  /** Leave a screen that need not be answered. */
  const pass = (changed) => answer({ ...changed, passed: { ...changed.passed, [step.id]: true } });
  /** Show the first screen that has no answer yet; a changed answer may have brought one up. */
  const onward = (kept) => {
    const now = stepsOf(instrument, asks, vitals, kept);
    goTo(now.find((one) => !isAnswered(one, kept)).id, kept);
  };
  const back = () => (index ? goTo(steps[index - 1].id) : go("today"));

  const shared = { step, answers, words, instrument, language, keep, answer, pass, site: siteOf(study, device) };
  const Kind = KINDS[step.kind];
  return html`
    <div class="single diary">
      <header>
        <button class="quiet back" onClick=${back}><span aria-hidden="true">‹</span> ${words.back}</button>
        <progress value=${index + 1} max=${steps.length} aria-label=${words.step(index + 1, steps.length)}></progress>
        <button class="quiet back" onClick=${() => go("today")}>${words.close}</button>
      </header>
      <main>
        <h1 tabindex="-1" ref=${head}>
          ${titleOf(step, words)}
        </h1>
        ${step.kind === "review"
          ? html`<${Review}
              ...${shared}
              steps=${steps}
              needsReason=${Boolean(amends)}
              change=${goTo}
              send=${(reason) => send({ answers, steps, device, amends, reason, words })}
            />`
          : html`<${Kind} ...${shared} key=${step.id} />`}
      </main>
    </div>
  `;
}

const KINDS = {
  danger: DangerStep,
  observation: Observation,
  score: Score,
  body: Body,
  photo: Photo,
  vital: Vital,
  more: More,
};

function titleOf(step, words) {
  switch (step.kind) {
    case "danger":
      return words.danger_title;
    case "observation":
      return questionText(step.question);
    case "score":
      return step.item.official || step.item.text;
    case "body":
      return `${step.symptom.title}: ${words.body_title}`;
    case "photo":
      return words.photo_title;
    case "vital":
      return words[step.title];
    case "more":
      return words.more_title;
    default:
      return words.review_title;
  }
}

/** The signs of danger on one screen: "none of these" says no to each; a yes says what to do at once. */
function DangerStep({ step, answers, words, instrument, site, keep, answer }) {
  const questions = instrument.observations.filter((one) => step.names.includes(one.name));
  const said = answers.observations;
  const any = step.names.some((name) => said[name] === true);
  const set = (name, value) => keep({ ...answers, observations: { ...said, [name]: value } });
  const settle = (base) => {
    const all = Object.fromEntries(step.names.map((name) => [name, base[name] === true]));
    answer({ ...answers, observations: { ...said, ...all } });
  };
  return html`
    <p>${words.danger_text}</p>
    ${any && html`<${Danger} words=${words} site=${site} />`}
    <ul class="choices" role="list">
      ${questions.map(
        (one) => html`
          <li>
            <label class="choice ${said[one.name] ? "chosen" : ""}">
              <input type="checkbox" checked=${said[one.name] === true} onChange=${(event) => set(one.name, event.target.checked)} />
              <span>${one.text}</span>
            </label>
          </li>
        `,
      )}
    </ul>
    <footer>
      ${any
        ? html`<button class="wide big" onClick=${() => settle(said)}>${words.continue}</button>`
        : html`<button class="wide big" onClick=${() => settle({})}>${words.none_of_these}</button>`}
    </footer>
  `;
}

function Review({ steps, answers, words, language, change, send, needsReason }) {
  const [busy, setBusy] = useState(false);
  const [reason, setReason] = useState("");
  const shown = steps.filter((step) => !["review", "more"].includes(step.kind));
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    await send(reason.trim());
  };
  return html`
    <p>${words.review_text}</p>
    <ul class="answers" role="list">
      ${shown.map(
        (step) => html`
          <li>
            <button class="answer" onClick=${() => change(step.id)}>
              <span class="soft">${shortTitle(step, words)}</span>
              <strong>${said(step, answers, words, language)}</strong>
            </button>
          </li>
        `,
      )}
    </ul>
    <form onSubmit=${submit}>
      ${needsReason &&
      html`
        <label class="field">
          ${words.change_reason}
          <input value=${reason} onInput=${(event) => setReason(event.target.value)} minlength="3" maxlength="300" placeholder=${words.change_hint} required />
        </label>
      `}
      <footer><button class="wide big" disabled=${busy}>${busy ? words.loading : words.send}</button></footer>
    </form>
  `;
}

function shortTitle(step, words) {
  if (step.kind !== "score") return titleOf(step, words);
  const { title, items } = step.symptom;
  return items.length > 1 ? `${title} · ${words.attributes[step.item.attribute]}` : title;
}

/** Say one screen's answer in words. */
function said(step, answers, words) {
  const open = words.unanswered;
  if (step.kind === "danger") {
    const yes = step.names.filter((name) => answers.observations[name] === true).length;
    if (step.names.some((name) => answers.observations[name] === undefined)) return open;
    return yes ? `⚠ ${yes}` : words.none_of_these;
  }
  if (step.kind === "observation") {
    const value = answers.observations[step.question.name];
    if (value === undefined || value === null) return open;
    if (typeof value === "boolean") return value ? words.yes : words.no;
    return step.question.choice_titles[value] || `${value} ${observationUnit(step.question, words)}`;
  }
  if (step.kind === "score") {
    const score = (answers.symptoms[step.symptom.symptom] || {})[step.item.attribute];
    return score === undefined || score === null ? open : words[`score_${step.item.attribute}`][score];
  }
  if (step.kind === "body") {
    return Object.keys(answers.body[step.symptom.symptom] || {}).length || open;
  }
  if (step.kind === "photo") {
    return answers.photos.filter((photo) => photo.symptom === step.symptom.symptom).length || words.photo_none;
  }
  const measured = step.vitals.map((vital) => answers.vitals[vital]).filter(Boolean);
  return measured.length ? measured.map((one) => `${one.value} ${unitName(one.unit)}`).join(" · ") : words.not_measured;
}

/** Save the diary with its photos in one stroke, then try to send it. */
async function send({ answers, steps, device, amends, reason, words }) {
  const now = new Date();
  const submissionId = crypto.randomUUID();
  const body = diaryOf(answers, steps, {
    submissionId,
    zone: device.zone,
    now,
    amends: amends ? { submission_id: amends, reason } : null,
  });
  const danger = steps[0].names.some((name) => answers.observations[name] === true);
  const saved = { day: answers.day, saved_at: now.toISOString(), state: "waiting", receipt: null };
  const { photos, ...rest } = answers;
  await saveAndSend([
    { id: submissionId, kind: "diary", ...saved, body, answers: { ...rest, photos: [] }, danger },
    ...photos.map((photo) => ({
      id: photo.id,
      kind: "photo",
      ...saved,
      submission_id: submissionId,
      photo_kind: photo.kind,
      photo: photo.blob,
    })),
  ]);
  announce(words.saved);
  go("today");
  scrollTo(0, 0);
}
