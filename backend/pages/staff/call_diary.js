// A call instead of a diary: the same questions, asked by telephone and entered by who called.
import { html, useState } from "../shared/ui.js";
import { asksOf, diaryOf, dayIn, newAnswers, questionText, stepsOf } from "../patient/steps.js";
import { Fault, Waiting, useLoad, useSending } from "./parts.js";
import { client } from "./session.js";
import { ATTRIBUTES, plain } from "./words.js";

export function CallDiary({ subject, study }) {
  const today = dayIn(subject.zone, new Date());
  const [answers, setAnswers] = useState(() => newAnswers(today));
  const [done, setDone] = useState(null);
  const [submissionId] = useState(() => crypto.randomUUID());
  const [found, fault, again] = useLoad(
    async () => {
      const [instrument, plan] = await Promise.all([client.get("/instruments/diary?language=en"), client.get(`/subjects/${subject.id}/diary-plan?since=${today}&until=${today}`)]);
      return { instrument, plan };
    },
    [subject.id],
  );
  const { busy, fault: refused, run } = useSending();
  if (!found) return html`<${Waiting} fault=${fault} again=${again} />`;
  const { instrument, plan } = found;
  const steps = stepsOf(instrument, asksOf(plan, study, today), study.diary.vitals, answers);
  const observe = (name, value) => setAnswers({ ...answers, observations: { ...answers.observations, [name]: value } });
  const score = (symptom, attribute, value) =>
    setAnswers({ ...answers, symptoms: { ...answers.symptoms, [symptom]: { ...answers.symptoms[symptom], [attribute]: value } } });
  const send = (event) => {
    event.preventDefault();
    run(async () => {
      const body = diaryOf(answers, steps, { submissionId, zone: subject.zone, now: new Date() });
      setDone(await client.post(`/subjects/${subject.id}/diaries`, body));
    });
  };
  if (done) return html`<p class="notice ${done.next_step.kind === "emergency" ? "emergency" : "good"}" role="status"><strong>Received.</strong> Tell the patient: ${done.next_step.text}</p>`;
  return html`
    <form class="card call" onSubmit=${send}>
      <h2>What ${subject.id} says on ${today}</h2>
      <p class="soft">What is not asked stays empty: it counts as not known, not as none.</p>
      ${steps.flatMap((step) => {
        if (step.kind === "danger") return step.names.map((name) => html`<${Plain} key=${name} question=${instrument.observations.find((one) => one.name === name)} value=${answers.observations[name]} set=${(value) => observe(name, value)} />`);
        if (step.kind === "observation") return html`<${Plain} key=${step.id} question=${step.question} value=${answers.observations[step.question.name]} set=${(value) => observe(step.question.name, value)} />`;
        if (step.kind === "score") return html`<${Scored} key=${step.id} step=${step} value=${(answers.symptoms[step.symptom.symptom] || {})[step.item.attribute]} set=${(value) => score(step.symptom.symptom, step.item.attribute, value)} />`;
        if (step.kind === "vital") return step.vitals.map((vital) => html`<${Measured} key=${vital} vital=${vital} units=${instrument.vitals[vital]} value=${answers.vitals[vital]} set=${(value) => setAnswers({ ...answers, vitals: { ...answers.vitals, [vital]: value } })} />`);
        return [];
      })}
      <label class="field">In the patient's words <textarea rows="2" maxlength="2000" value=${answers.text} onInput=${(event) => setAnswers({ ...answers, text: event.target.value })}></textarea></label>
      <button disabled=${busy}>Enter the diary</button>
      <${Fault} fault=${refused} />
    </form>
  `;
}

function Line({ title, children }) {
  return html`<label class="line"><span>${title}</span>${children}</label>`;
}

function Plain({ question, value, set }) {
  const choices = question.type === "boolean" ? [["false", "no"], ["true", "yes"]] : Object.entries(question.choice_titles);
  const read = (text) => (text === "" ? undefined : question.type === "boolean" ? text === "true" : text);
  return html`
    <${Line} title=${questionText(question)}>
      ${question.type === "number"
        ? html`<input inputmode="decimal" size="5" value=${value ?? ""} onChange=${(event) => set(event.target.value === "" ? undefined : Number(event.target.value))} />`
        : html`<select value=${value === undefined ? "" : String(value)} onChange=${(event) => set(read(event.target.value))}><option value="">–</option>${choices.map(([id, title]) => html`<option value=${id}>${title}</option>`)}</select>`}
    <//>
  `;
}

function Scored({ step, value, set }) {
  const words = ATTRIBUTES[step.item.attribute].slice(0, step.item.highest + 1);
  return html`
    <${Line} title=${step.item.text}>
      <select value=${value ?? ""} onChange=${(event) => set(event.target.value === "" ? undefined : Number(event.target.value))}><option value="">–</option>${words.map((word, index) => html`<option value=${index}>${index} ${word}</option>`)}</select>
    <//>
  `;
}

function Measured({ vital, units, value, set }) {
  const unit = value ? value.unit : units[0];
  return html`
    <${Line} title=${plain(vital)}>
      <span class="row">
        <input inputmode="decimal" size="6" aria-label=${plain(vital)} value=${value ? value.value : ""} onChange=${(event) => set(event.target.value === "" ? undefined : { value: Number(event.target.value), unit })} />
        <select aria-label="Unit of ${plain(vital)}" value=${unit} onChange=${(event) => value && set({ ...value, unit: event.target.value })}>${units.map((one) => html`<option>${one}</option>`)}</select>
      </span>
    <//>
  `;
}
