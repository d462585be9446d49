// The patients of one's sites, by number.
import { html, useState } from "../shared/ui.js";
import { Table, Waiting, useLoad } from "./parts.js";
import { CARE, client, holds } from "./session.js";
import { plain } from "./words.js";

export function Patients({ who, study }) {
  const [found, fault, again] = useLoad(() => client.all("/subjects"), []);
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState("");
  const shown = (found || []).filter((one) => one.id.toLowerCase().includes(search.toLowerCase()) && (!status || one.status === status));
  const statuses = [...new Set((found || []).map((one) => one.status))];
  return html`
    <header class="bar">
      <h1 tabindex="-1">Patients</h1>
      <label>Number <input type="search" value=${search} onInput=${(event) => setSearch(event.target.value)} /></label>
      <label>Status <select value=${status} onChange=${(event) => setStatus(event.target.value)}><option value="">all</option>${statuses.map((one) => html`<option value=${one}>${plain(one)}</option>`)}</select></label>
      ${holds(who, ...CARE) && html`<a class="button" href="#/enrol">Enrol a patient</a>`}
    </header>
    ${!found
      ? html`<${Waiting} fault=${fault} again=${again} />`
      : html`
          <p role="status">${shown.length} of ${found.length} patients</p>
          <${Table} caption="Patients" head=${["Number", "Site", "Status", "MRF", "Randomised", "Language"]}>
            ${shown.map(
              (one) => html`
                <tr key=${one.id}>
                  <td><a href="#/patient/${one.id}">${one.id}</a></td><td title=${study.sites[one.site].name}>${one.site}</td><td>${plain(one.status)}</td>
                  <td>${one.mrf}</td><td>${dayOf(one, "randomised")}</td><td>${one.language}</td>
                </tr>
              `,
            )}
          <//>
        `}
  `;
}

/** Give the day of a milestone that counts: the last one recorded of its kind. */
export function dayOf(subject, kind) {
  const found = subject.milestones.filter((one) => one.kind === kind).at(-1);
  return found ? found.on : "–";
}
