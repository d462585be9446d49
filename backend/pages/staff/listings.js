// The listings: filters on every column, order, pages, and the very files of the API.
import { html, useMemo, useState } from "../shared/ui.js";
import { Fault, Table, Waiting, download, useLoad, useSending } from "./parts.js";
import { client } from "./session.js";
import { moment } from "./words.js";

const LIMIT = 50;
const RANGED = ["integer", "decimal", "day", "moment"];

export function Listings({ rest: [name], who }) {
  const [known, fault, again] = useLoad(
    async () => {
      const [listings, cuts] = await Promise.all([client.get("/listings/"), client.get("/data-cuts/")]);
      return { listings: listings.items, cuts: cuts.items.filter((one) => one.state === "complete") };
    },
    [],
  );
  if (!known) return html`<h1 tabindex="-1">Listings</h1><${Waiting} fault=${fault} again=${again} />`;
  const listing = known.listings.find((one) => one.name === name);
  return html`
    <h1 tabindex="-1">${listing ? listing.title : "Listings"}</h1>
    <div class="listing">
      <nav class="card side" aria-label="Listings">
        <ul role="list">
          ${known.listings.map((one) => html`<li><a href="#/listings/${one.name}" aria-current=${one.name === name ? "page" : undefined}>${one.title}</a></li>`)}
        </ul>
      </nav>
      ${listing ? html`<${Listing} key=${name} listing=${listing} cuts=${known.cuts} who=${who} />` : html`<p>Choose a listing.</p>`}
    </div>
  `;
}

function Listing({ listing, cuts, who }) {
  const [filters, setFilters] = useState({});
  const [sort, setSort] = useState("");
  const [cut, setCut] = useState("");
  const [turned, setTurned] = useState({ of: "", cursors: [null] });
  const [reason, setReason] = useState("");
  const [unblinded, setUnblinded] = useState(false);
  const { busy, fault: refused, run } = useSending();
  const hasArm = listing.columns.some((column) => column.unblinding);
  const mayUnblind = hasArm && who.grants.some((grant) => grant.unblinded);
  const asked = useMemo(() => {
    const query = Object.fromEntries(Object.entries(filters).filter(([, text]) => text !== ""));
    if (sort) query.sort = sort;
    if (cut) query.cut = cut;
    return query;
  }, [filters, sort, cut]);
  // A cursor belongs to one question: another filter or order begins with its first page.
  const of = JSON.stringify([asked, unblinded]);
  const pages = turned.of === of ? turned.cursors : [null];
  const setPages = (cursors) => setTurned({ of, cursors });
  const cursor = pages.at(-1);
  const [page, fault, again] = useLoad(
    () => (unblinded ? client.post(`/listings/${listing.name}/unblinded`, typed({ ...asked, reason, limit: LIMIT, ...(cursor ? { cursor } : {}) }, listing)) : client.get(`/listings/${listing.name}?${query({ ...asked, limit: LIMIT, ...(cursor ? { cursor } : {}) })}`)),
    [of, cursor],
  );
  const shown = listing.columns.filter((column) => !column.unblinding || unblinded);
  const filter = (key, text) => setFilters({ ...filters, [key]: text });
  const file = (kind) => run(() => download("GET", `/listings/${listing.name}.${kind}?${query(asked)}`));
  return html`
    <div>
      <p class="soft">${listing.population}${page ? ` · as of ${moment(page.as_of)} · ${page.label}` : ""}</p>
      <div class="row">
        ${["csv", "xlsx", "pdf"].map((kind) => html`<button class="quiet" disabled=${busy} onClick=${() => file(kind)}>${kind.toUpperCase()}</button>`)}
        <label>Data <select value=${cut} onChange=${(event) => setCut(event.target.value)}><option value="">live</option>${cuts.map((one) => html`<option value=${one.id}>cut of ${one.cutoff}</option>`)}</select></label>
        ${Object.values(filters).some(Boolean) && html`<button class="quiet" onClick=${() => setFilters({})}>Clear the filters</button>`}
        ${mayUnblind && !unblinded && html`<form class="row gate" onSubmit=${(event) => { event.preventDefault(); setUnblinded(true); }}><label>Reason to see the arms <input value=${reason} minlength="3" onInput=${(event) => setReason(event.target.value)} required /></label><button>Show the arms</button></form>`}
        ${unblinded && html`<span class="label unblinded">with the arms</span><button class="quiet" onClick=${() => setUnblinded(false)}>Hide them</button>`}
      </div>
      <${Fault} fault=${refused} />
      <details class="filters"><summary>Filters</summary>
        <div class="form-grid">${shown.map((column) => html`<${Filter} key=${column.name} column=${column} filters=${filters} filter=${filter} />`)}</div>
      </details>
      ${!page
        ? html`<${Waiting} fault=${fault} again=${again} />`
        : html`
            ${fault && html`<${Fault} fault=${fault} />`}
            <${Table} caption=${listing.title} head=${shown.map((column) => html`<${Head} column=${column} sort=${sort} setSort=${setSort} />`)}>
              ${page.items.map((row, index) => html`<tr key=${row.id || index}>${shown.map((column) => html`<td class=${column.type}>${value(row[column.name], column)}</td>`)}</tr>`)}
            <//>
            ${page.items.length === 0 && html`<p>No row fits.</p>`}
            <div class="row">
              <button class="quiet" disabled=${pages.length < 2} onClick=${() => setPages(pages.slice(0, -1))}>Earlier</button>
              <span role="status">page ${pages.length}</span>
              <button class="quiet" disabled=${!page.next} onClick=${() => setPages([...pages, page.next])}>Later</button>
            </div>
          `}
    </div>
  `;
}

function Head({ column, sort, setSort }) {
  const name = sort.replace(/^-/, "");
  const is = name === column.name;
  const next = !is ? column.name : sort.startsWith("-") ? "" : `-${column.name}`;
  return html`<button class="link" title=${column.origin} onClick=${() => setSort(next)}>${column.label}<span aria-hidden="true"> ${is ? (sort.startsWith("-") ? "▼" : "▲") : ""}</span><span class="hidden">${is ? (sort.startsWith("-") ? ", sorted downwards" : ", sorted upwards") : ", sort"}</span></button>`;
}

function Filter({ column, filters, filter }) {
  const { name, label, type } = column;
  const input = type === "day" ? "date" : "text";
  if (RANGED.includes(type)) {
    return html`
      <fieldset class="field"><legend>${label}</legend><span class="row">
        <input type=${input} aria-label="${label}, from" placeholder="from" size="10" value=${filters[`${name}_min`] || ""} onChange=${(event) => filter(`${name}_min`, event.target.value)} />
        <input type=${input} aria-label="${label}, to" placeholder="to" size="10" value=${filters[`${name}_max`] || ""} onChange=${(event) => filter(`${name}_max`, event.target.value)} />
      </span></fieldset>
    `;
  }
  if (type === "yes_no") {
    return html`<label class="field">${label} <select value=${filters[name] || ""} onChange=${(event) => filter(name, event.target.value)}><option value="">any</option><option value="true">yes</option><option value="false">no</option></select></label>`;
  }
  return html`<label class="field">${label} <input value=${filters[name] || ""} placeholder="is" onChange=${(event) => filter(name, event.target.value)} /></label>`;
}

/** Give a filter's text as the JSON type that a body wants; a query takes the text. */
function typed(body, listing) {
  const types = new Map(listing.columns.flatMap(({ name, type }) => [[name, type], [`${name}_min`, type], [`${name}_max`, type]]));
  return Object.fromEntries(
    Object.entries(body).map(([name, text]) => {
      const type = types.get(name);
      if (type === "integer" || type === "decimal") return [name, Number(text)];
      if (type === "yes_no") return [name, text === "true"];
      if (type === "text" || type === "list") return [name, [text]];
      return [name, text];
    }),
  );
}

function query(asked) {
  return new URLSearchParams(asked).toString();
}

function value(found, column) {
  if (found === null || found === undefined) return "–";
  if (typeof found === "boolean") return found ? "yes" : "no";
  if (Array.isArray(found)) return found.join(", ");
  if (column.type === "moment") return moment(found);
  if (column.name === "subject_id") return html`<a href="#/patient/${found}">${found}</a>`;
  return String(found);
}
