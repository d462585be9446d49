// Questions that the team's computer asks after a diary: their answers correct the diary that they are about.
import { html, useEffect, useRef, useState, go } from "../shared/ui.js";
import { Answer } from "./kinds.js";
import { saveAndSend } from "./sync.js";
import { questionsOf } from "./today.js";

export function Questions({ words, queue, instrument, device, id }) {
  const item = queue.find((one) => one.id === id);
  const questions = (item && item.receipt ? questionsOf(item) : [])
    .map((one) => ({ ...instrument.observations.find((known) => known.name === one.fact), text: one.text }))
    .filter((one) => one.name);
  const [at, setAt] = useState(0);
  const [found, setFound] = useState({});
  const head = useRef();
  const question = questions[at];

  useEffect(() => {
    if (question) head.current.focus();
    else go("today");
  }, [at, Boolean(question)]);
  if (!question) return null;

  const set = async (value) => {
    const now = { ...found, [question.name]: value };
    setFound(now);
    if (at + 1 < questions.length) setAt(at + 1);
    else {
      await amend(item, now, device, words);
      go("today");
    }
  };
  return html`
    <div class="single diary">
      <header>
        <button class="quiet back" onClick=${() => (at ? setAt(at - 1) : go("today"))}><span aria-hidden="true">‹</span> ${words.back}</button>
        <progress value=${at + 1} max=${questions.length} aria-label=${words.step(at + 1, questions.length)}></progress>
        <button class="quiet back" onClick=${() => go("today")}>${words.close}</button>
      </header>
      <main>
        <h1 tabindex="-1" ref=${head}>${question.text}</h1>
        <${Answer} key=${question.name} question=${question} chosen=${found[question.name]} set=${set} words=${words} />
        <footer><button class="quiet wide" onClick=${() => set(null)}>${words.skip}</button></footer>
      </main>
    </div>
  `;
}

/** Save the whole diary anew with the answers; nothing is lost of the first, which stays on record. */
async function amend(item, found, device, words) {
  const now = new Date();
  const id = crypto.randomUUID();
  const body = {
    ...item.body,
    submission_id: id,
    reported_at: now.toISOString(),
    zone: device.zone,
    observations: { ...item.body.observations, ...found },
    amends: { submission_id: item.id, reason: words.questions_reason },
  };
  const answers = { ...item.answers, asked_after: found };
  const saved = { kind: "diary", day: item.day, saved_at: now.toISOString(), state: "waiting", receipt: null };
  await saveAndSend([{ id, ...saved, body, answers, danger: item.danger }]);
}
