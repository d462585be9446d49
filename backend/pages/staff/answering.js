// A person's answer to an alert: take it, call, act, hand over, put off, close; each step says why.
import { html, useRef, useState } from "../shared/ui.js";
import { Fault, useSending } from "./parts.js";
import { CARE, client, holds } from "./session.js";

// Which steps stand open in a state, as the server's table has them (backend/clinical/alerting.py).
const OPEN = {
  new: ["acknowledge", "called", "not_reached", "act", "hand_over", "snooze", "comment", "close"],
  acknowledged: ["called", "not_reached", "act", "hand_over", "snooze", "comment", "close"],
  acted: ["called", "not_reached", "act", "hand_over", "snooze", "comment", "close"],
  closed: [],
};
const DESK = ["acknowledge", "comment"];

const STEPS = {
  acknowledge: { title: "I have it" },
  called: { title: "Called: reached", note: "What was said, and what comes next" },
  not_reached: { title: "Called: not reached", note: "Optional: which number, when again", optional: true },
  act: { title: "Something was done", note: "What was done, by whom" },
  hand_over: { title: "Hand over", note: "What the colleague has to know", to: true },
  snooze: { title: "Put off", note: "Why it can wait", until: true },
  comment: { title: "Comment", note: "Comment" },
  close: { title: "Close", note: "Why nothing more is to be done", useful: true },
};
const SNOOZES = [["30 minutes", 30], ["1 hour", 60], ["2 hours", 120], ["4 hours", 240]];

export function Answering({ alert, who, colleagues, again }) {
  const [chosen, setChosen] = useState(null);
  const [note, setNote] = useState("");
  const [to, setTo] = useState("");
  const [minutes, setMinutes] = useState(SNOOZES[0][1]);
  const [useful, setUseful] = useState("");
  const { busy, fault, run, setFault } = useSending();
  const field = useRef();
  const mayAnswer = holds(who, ...CARE);
  const open = OPEN[alert.state].filter((step) => mayAnswer || DESK.includes(step)).filter((step) => !(step === "snooze" && alert.tier === "emergency"));

  const send = (step, extra = {}) =>
    run(async () => {
      let { rev } = alert;
      const post = async (body) => {
        ({ rev } = await client.post(`/alerts/${alert.id}/steps`, { ...body, rev }));
      };
      if (extra.mark) await post({ step: extra.mark });
      await post({ step, ...extra.body });
      setChosen(null);
      setNote("");
      again();
    });
  const submit = (event) => {
    event.preventDefault();
    const body = note.trim() ? { note: note.trim() } : {};
    if (STEPS[chosen].to) body.to = to;
    if (STEPS[chosen].until) body.until = new Date(Date.now() + minutes * 60_000).toISOString();
    send(chosen, { body, mark: chosen === "close" ? useful : "" });
  };
  const choose = (step) => {
    setFault(null);
    if (step === "acknowledge") send(step);
    else {
      setChosen(step === chosen ? null : step);
      setTimeout(() => field.current && field.current.focus(), 0);
    }
  };
  if (!open.length) return html`<p class="notice good">This alert is closed.</p>`;
  const step = chosen && STEPS[chosen];
  const others = colleagues.filter(
    (one) => one.id !== who.id && one.active && one.places.some((place) => CARE.includes(place.role) && [null, alert.site].includes(place.site)),
  );
  return html`
    <section class="answering" aria-label="Answer">
      <div class="row">
        ${open.map(
          (name) => html`
            <button class=${name === open[0] || name === chosen ? "" : "quiet"} aria-expanded=${name === "acknowledge" ? undefined : String(name === chosen)} disabled=${busy} onClick=${() => choose(name)}>
              ${STEPS[name].title}
            </button>
          `,
        )}
      </div>
      ${step &&
      html`
        <form class="card" onSubmit=${submit}>
          ${step.to &&
          html`
            <label class="field">To
              <select value=${to} onChange=${(event) => setTo(event.target.value)} required>
                <option value="">choose</option>
                ${others.map((one) => html`<option value=${one.id}>${one.name} (${one.places.map((place) => place.role).join(", ")})</option>`)}
              </select>
            </label>
          `}
          ${step.until &&
          html`
            <label class="field">For
              <select value=${minutes} onChange=${(event) => setMinutes(Number(event.target.value))}>
                ${SNOOZES.map(([title, value]) => html`<option value=${value}>${title}</option>`)}
              </select>
            </label>
          `}
          <label class="field">${step.note}
            <textarea ref=${field} rows="2" minlength="3" maxlength="2000" required=${!step.optional} value=${note} onInput=${(event) => setNote(event.target.value)}></textarea>
          </label>
          ${step.useful &&
          html`
            <fieldset class="row">
              <legend>Was it worth ringing?</legend>
              ${[["useful", "yes"], ["not_useful", "no"], ["", "not said"]].map(
                ([value, title]) => html`<label><input type="radio" name="useful" checked=${useful === value} onChange=${() => setUseful(value)} /> ${title}</label>`,
              )}
            </fieldset>
          `}
          <div class="row"><button disabled=${busy}>${step.title}</button><button type="button" class="quiet" onClick=${() => setChosen(null)}>Cancel</button></div>
        </form>
      `}
      <${Fault} fault=${fault} />
      ${fault && fault.status === 412 && html`<button class="quiet" onClick=${() => { setFault(null); again(); }}>Look again</button>`}
    </section>
  `;
}
