// The audit trail, searched: who did what to which thing, when.
import { html, useState } from "../shared/ui.js";
import { Table, Waiting, useLoad } from "./parts.js";
import { client } from "./session.js";
import { moment } from "./words.js";

const shown = (known) => (known === null || known === undefined ? "nothing" : typeof known === "object" ? JSON.stringify(known) : String(known));

function Changes({ entry }) {
  const names = Object.keys(entry.changes || {}).sort();
  return html`
    ${names.map((name) => html`<div key=${name}>${name}: <del>${shown(entry.changes[name].old)}</del> → <ins>${shown(entry.changes[name].new)}</ins></div>`)}
    ${entry.reason && html`<div>why: ${entry.reason}</div>`}
  `;
}

function whence(origin) {
  if (!origin) return "";
  const by = origin.device_id ? `phone ${origin.device_id.slice(0, 8)}` : origin.session_id ? `sign-in ${origin.session_id.slice(0, 8)}` : "";
  return [origin.kind, by, origin.client].filter(Boolean).join(", ");
}

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
          <${Table} caption="Audit trail, newest first" head=${["When", "Who", "Action", "Thing", "Site", "Subject", "Old and new, why, details", "From where", "Place in its chain"]}>
            ${page.items.map((one) => html`<tr key=${one.id}><td>${moment(one.at)}</td><td>${names.get(one.actor_id) || one.actor_id}</td><td>${one.action}</td><td>${one.target}</td><td>${one.site || ""}</td><td>${one.subject_id || ""}</td><td class="small"><${Changes} entry=${one} />${Object.entries(one.details).map(([name, known]) => `${name}: ${shown(known)}`).join("; ")}</td><td class="small">${whence(one.origin)}</td><td class="small" title=${one.seq ? `${one.stream}, SHA-256 ${one.sha256}` : ""}>${one.seq || "none"}</td></tr>`)}
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
