// The silent patients: whom to call first, with the reasons, and what they say entered at once.
import { html, useState } from "../shared/ui.js";
import { Fault, Waiting, useLoad, useSending } from "./parts.js";
import { CARE, client, holds } from "./session.js";

export function Silent({ who }) {
  const [found, fault, again] = useLoad(() => client.get("/silent-subjects"), []);
  return html`
    <h1 tabindex="-1">Silent patients</h1>
    <p class="soft">Diaries are missing in a row. Whoever has most points is called first; the points are a proposal of this project.</p>
    ${!found && html`<${Waiting} fault=${fault} again=${again} />`}
    ${found && found.length === 0 && html`<p class="card">Nobody is silent.</p>`}
    <ol class="work" role="list">
      ${(found || []).map(
        (one) => html`
          <li class="group" key=${one.subject_id}>
            <div class="group-head">
              <strong class="points">${one.score}<span class="hidden"> points</span></strong>
              <a class="subject" href="#/patient/${one.subject_id}">${one.subject_id}</a>
              <span class="soft">${one.site} · last diary ${one.last_day || "never"} · ${one.missing} missing</span>
            </div>
            <p>${one.reasons.join(" · ")}</p>
            ${holds(who, ...CARE) && html`<${Excuse} subject=${one.subject_id} again=${again} />`}
          </li>
        `,
      )}
    </ol>
  `;
}

/** A diary that is not to be expected (in hospital, say) is excused with the reason. */
function Excuse({ subject, again }) {
  const [open, setOpen] = useState(false);
  const [day, setDay] = useState(new Date().toISOString().slice(0, 10));
  const [reason, setReason] = useState("");
  const { busy, fault, run } = useSending();
  const send = (event) => {
    event.preventDefault();
    run(async () => {
      await client.post(`/subjects/${subject}/diary-plan/${day}/excuse`, { reason });
      setOpen(false);
      again();
    });
  };
  return html`
    <div class="row">
      <a class="button quiet" href="#/patient/${subject}/call">Enter what was said by telephone</a>
      <button class="quiet" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>Excuse a day</button>
    </div>
    ${open &&
    html`
      <form class="row" onSubmit=${send}>
        <label>Day <input type="date" value=${day} onInput=${(event) => setDay(event.target.value)} required /></label>
        <label>Reason <input value=${reason} minlength="3" maxlength="500" onInput=${(event) => setReason(event.target.value)} placeholder="in hospital" required /></label>
        <button disabled=${busy}>Excuse</button>
      </form>
    `}
    <${Fault} fault=${fault} />
  `;
}
