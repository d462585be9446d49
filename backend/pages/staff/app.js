// The study team's page: sign-in, the views that a person's roles open, and what all views share.
import { html, lazy, start, useEffect, useRef, useState, route } from "../shared/ui.js";
import { SignIn } from "./sign_in.js";
import { Work } from "./work.js";
import { CARE, REVIEW, client, holds, isSignedIn, signOut, watchIdle } from "./session.js";

const part = (name, file) => lazy(() => file().then((found) => found[name]));
const CARE_AND_DESK = [...CARE, "safety_reviewer"];
const READERS = [...CARE, ...REVIEW];

// Name in the address, title in the menu, who has it, what is shown.
const VIEWS = {
  work: ["Work list", CARE_AND_DESK, Work],
  silent: ["Silent patients", CARE_AND_DESK, part("Silent", () => import("./silent.js"))],
  patients: ["Patients", READERS, part("Patients", () => import("./patients.js"))],
  roster: ["Duty roster", [...CARE_AND_DESK, "administrator"], part("Roster", () => import("./roster.js"))],
  study: ["Study at a glance", READERS, part("Study", () => import("./study.js"))],
  listings: ["Listings", READERS, part("Listings", () => import("./listings.js"))],
  rules: ["Rules", [...READERS, "administrator"], part("Rules", () => import("./rules.js"))],
  audit: ["Audit trail", [...REVIEW, "administrator"], part("Audit", () => import("./audit.js"))],
};
// Reached from another view, so not in the menu.
const INNER = {
  alert: [CARE_AND_DESK, part("Alert", () => import("./alert.js"))],
  patient: [READERS, part("Patient", () => import("./patient.js"))],
  event: [READERS, part("Event", () => import("./event.js"))],
  enrol: [CARE, part("Enrol", () => import("./enrol.js"))],
  card: [CARE, part("Card", () => import("./card.js"))],
};

function App() {
  const [known, setKnown] = useState(null);
  const [fault, setFault] = useState(null);
  const [view, setView] = useState(route());
  const main = useRef();

  useEffect(() => {
    const followed = () => setView(route());
    addEventListener("hashchange", followed);
    return () => removeEventListener("hashchange", followed);
  }, []);
  const begin = () => {
    setFault(null);
    if (isSignedIn()) whoAndWhere().then(setKnown, setFault);
  };
  useEffect(begin, []);
  useEffect(() => {
    if (!main.current) return;
    const head = main.current.querySelector("h1");
    if (head) head.focus();
    scrollTo(0, 0);
  }, [view.join("/")]);

  if (!isSignedIn()) return html`<${SignIn} />`;
  if (fault) {
    return html`
      <main class="single">
        <p class="notice urgent" role="alert">The study's server cannot be reached: ${fault.text}</p>
        <button onClick=${begin}>Try again</button>
      </main>
    `;
  }
  if (!known) return html`<p class="starting" role="status">One moment …</p>`;
  const open = Object.entries(VIEWS).filter(([, [, roles]]) => holds(known.who, ...roles));
  const first = holds(known.who, ...CARE) ? "work" : open.some(([name]) => name === "study") ? "study" : open[0][0];
  const [name = first, ...rest] = view;
  const [roles, Shown] = VIEWS[name] ? VIEWS[name].slice(1) : INNER[name] || [[], null];
  const allowed = Shown && holds(known.who, ...roles);
  return html`
    <div class="frame">
      <header class="top">
        <strong class="study">${known.study.id}</strong>
        <nav aria-label="Views">
          ${open.map(
            ([id, [title]]) => html`<a href="#/${id}" aria-current=${id === name ? "page" : undefined}>${title}</a>`,
          )}
        </nav>
        <span class="who">
          <span>${known.name}</span>
          <button class="quiet" onClick=${signOut}>Sign out</button>
        </span>
      </header>
      <main id="main" ref=${main} tabindex="-1">
        ${allowed
          ? html`<${Shown} key=${name + rest.join("/")} ...${known} rest=${rest} />`
          : html`<h1 tabindex="-1">Nothing here</h1><p>This view does not exist, or your roles do not open it.</p>`}
      </main>
    </div>
  `;
}

async function whoAndWhere() {
  const [who, study, colleagues] = await Promise.all([
    client.get("/sessions/current"),
    client.get("/study"),
    client.get("/colleagues"),
  ]);
  const names = new Map(colleagues.map((one) => [one.id, one.name]));
  return { who, study, colleagues, names, name: names.get(who.id) || "You" };
}

watchIdle();
start(html`<${App} />`);
