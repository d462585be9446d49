// Who is on duty now, the week's shifts, and their entry.
import { html, useState } from "../shared/ui.js";
import { Fault, Table, Waiting, useLoad, useSending } from "./parts.js";
import { client, holds, sitesOf } from "./session.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"];
const MANAGERS = ["nurse", "investigator", "administrator"];

export function Roster({ who, study, colleagues, names }) {
  const sites = sitesOf(who, study, ...MANAGERS, "safety_reviewer");
  const [site, setSite] = useState(sites[0]);
  const [found, fault, again] = useLoad(
    async () => {
      const [shifts, duty] = await Promise.all([client.get(`/rosters?site=${site}`), client.get(`/rosters/on-duty?site=${site}`)]);
      return { shifts, duty };
    },
    [site],
  );
  const remove = useSending();
  const manages = holds(who, ...MANAGERS);
  const people = (ids) => (ids.length ? ids.map((id) => names.get(id) || "somebody").join(", ") : null);
  return html`
    <header class="bar">
      <h1 tabindex="-1">Duty roster</h1>
      <label>Site <select value=${site} onChange=${(event) => setSite(event.target.value)}>${sites.map((one) => html`<option>${one}</option>`)}</select></label>
      <span class="soft">times on the site's clock (${study.sites[site].zone})</span>
    </header>
    ${!found
      ? html`<${Waiting} fault=${fault} again=${again} />`
      : html`
          <section class="card">
            <h2>On duty now</h2>
            <p>Nurses: <strong>${people(found.duty.nurses) || "nobody: all nurses of the site are rung"}</strong></p>
            <p>Investigators: <strong>${people(found.duty.investigators) || "nobody: all investigators of the site are rung"}</strong></p>
          </section>
          <section class="card">
            <h2>Shifts</h2>
            ${found.shifts.length === 0 && html`<p>No shift is entered: every alert rings everybody of the site.</p>`}
            ${found.shifts.length > 0 &&
            html`
              <${Table} caption="Shifts of ${site}" head=${["Who", "Role", "Days", "From", "To", "Valid", ""]}>
                ${found.shifts.map(
                  (one) => html`
                    <tr key=${one.id}>
                      <td>${names.get(one.staff_id) || "somebody"}</td><td>${one.role}</td><td>${one.days.join(" ")}</td>
                      <td>${one.begins}</td><td>${one.ends}</td><td>${one.since || "…"} – ${one.until || "…"}</td>
                      <td>${manages && html`<button class="quiet" disabled=${remove.busy} aria-label="Remove the shift of ${names.get(one.staff_id)}" onClick=${() => remove.run(async () => { await client.send("DELETE", `/rosters/${one.id}`); again(); })}>Remove</button>`}</td>
                    </tr>
                  `,
                )}
              <//>
            `}
            <${Fault} fault=${remove.fault} />
          </section>
          ${manages && html`<${NewShift} site=${site} colleagues=${colleagues} again=${again} />`}
        `}
  `;
}

function NewShift({ site, colleagues, again }) {
  const [shift, setShift] = useState({ staff_id: "", role: "nurse", days: DAYS.slice(0, 5), begins: "08:00", ends: "16:30" });
  const { busy, fault, run } = useSending();
  const set = (part) => setShift({ ...shift, ...part });
  const able = colleagues.filter((one) => one.active && one.places.some((place) => place.role === shift.role && [null, site].includes(place.site)));
  const send = (event) => {
    event.preventDefault();
    run(async () => {
      await client.post("/rosters", { site, ...shift });
      set({ staff_id: "" });
      again();
    });
  };
  return html`
    <section class="card">
      <h2>New shift</h2>
      <form class="form-grid" onSubmit=${send}>
        <label class="field">Role
          <select value=${shift.role} onChange=${(event) => set({ role: event.target.value, staff_id: "" })}><option value="nurse">nurse</option><option value="investigator">investigator</option></select>
        </label>
        <label class="field">Who
          <select value=${shift.staff_id} onChange=${(event) => set({ staff_id: event.target.value })} required>
            <option value="">choose</option>${able.map((one) => html`<option value=${one.id}>${one.name}</option>`)}
          </select>
        </label>
        <label class="field">From <input type="time" value=${shift.begins} onInput=${(event) => set({ begins: event.target.value })} required /></label>
        <label class="field">To <input type="time" value=${shift.ends} onInput=${(event) => set({ ends: event.target.value })} required /></label>
        <fieldset class="row full">
          <legend>Days</legend>
          ${DAYS.map(
            (day) => html`<label><input type="checkbox" checked=${shift.days.includes(day)} onChange=${(event) => set({ days: event.target.checked ? [...shift.days, day] : shift.days.filter((one) => one !== day) })} /> ${day}</label>`,
          )}
        </fieldset>
        <div class="full"><button disabled=${busy || !shift.days.length}>Enter the shift</button></div>
        <${Fault} fault=${fault} />
      </form>
    </section>
  `;
}
