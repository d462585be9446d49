// The audit trail, searched: who did what to which thing, when.
import { html, useState } from "../shared/ui.js";
import { Table, Waiting, useLoad } from "./parts.js";
import { client } from "./session.js";
import { moment } from "./words.js";

export function Audit({ names, colleagues }) {
  const [asked, setAsked] = useState({});
  const [form, setForm] = useState({ action: "", actor_id: "", subject_id: "", target: "", since: "", until: "" });
  const [pages, setPages] = useState([null]);
  const cursor = pages.at(-1);
  const [page, fault, again] = useLoad(() => client.get(`/audit?${new URLSearchParams({ ...asked, limit: 50, ...(cursor ? { cursor } : {}) })}`), [JSON.stringify(asked), cursor]);
  const set = (part) => setForm({ ...form, ...part });
  const search = (event) => {
    event.preventDefault();
    const found = Object.entries(form)
      .filter(([, text]) => text.trim() !== "")
      .map(([name, text]) => [name, name === "since" || name === "until" ? new Date(text).toISOString() : text.trim()]);
    setAsked(Object.fromEntries(found));
    setPages([null]);
  };
  return html`
    <h1 tabindex="-1">Audit trail</h1>
    <form class="card form-grid" onSubmit=${search}>
      <label class="field">Action <input value=${form.action} placeholder="arm:unblinded" onInput=${(event) => set({ action: event.target.value })} /></label>
      <label class="field">Who <select value=${form.actor_id} onChange=${(event) => set({ actor_id: event.target.value })}><option value="">anybody</option>${colleagues.map((one) => html`<option value=${one.id}>${one.name}</option>`)}</select></label>
      <label class="field">Subject <input value=${form.subject_id} placeholder="S01-0001" onInput=${(event) => set({ subject_id: event.target.value })} /></label>
      <label class="field">Thing <input value=${form.target} placeholder="subject/S01-0001" onInput=${(event) => set({ target: event.target.value })} /></label>
      <label class="field">Since <input type="datetime-local" value=${form.since} onInput=${(event) => set({ since: event.target.value })} /></label>
      <label class="field">Before <input type="datetime-local" value=${form.until} onInput=${(event) => set({ until: event.target.value })} /></label>
      <div class="full"><button>Search</button></div>
    </form>
    ${!page
      ? html`<${Waiting} fault=${fault} again=${again} />`
      : html`
          <${Table} caption="Audit trail, newest first" head=${["When", "Who", "Action", "Thing", "Site", "Subject", "Details"]}>
            ${page.items.map((one) => html`<tr key=${one.id}><td>${moment(one.at)}</td><td>${names.get(one.actor_id) || one.actor_id}</td><td>${one.action}</td><td>${one.target}</td><td>${one.site || ""}</td><td>${one.subject_id || ""}</td><td class="small">${Object.entries(one.details).map(([name, known]) => `${name}: ${typeof known === "object" ? JSON.stringify(known) : known}`).join("; ")}</td></tr>`)}
          <//>
          ${page.items.length === 0 && html`<p>No entry fits.</p>`}
          <div class="row">
            <button class="quiet" disabled=${pages.length < 2} onClick=${() => setPages(pages.slice(0, -1))}>Newer</button>
            <span role="status">page ${pages.length}</span>
            <button class="quiet" disabled=${!page.next} onClick=${() => setPages([...pages, page.next])}>Older</button>
          </div>
        `}
  `;
}
