// The patient's page: which view is shown, and what all views share.
import { html, lazy, start, useEffect, useRef, useState, route, go } from "../shared/ui.js";
import { Activate } from "./activate.js";
import { Diary } from "./diary.js";
import { Questions } from "./questions.js";
import { Settings } from "./settings.js";
import { Today } from "./today.js";
import { drafts, listen, queued, read } from "./store.js";
import { refreshPlan } from "./plan.js";
import { sendWaiting } from "./sync.js";
import { wordsOf } from "./words.js";

const TABS = [
  ["today", "●", "today"],
  ["history", "▦", "history"],
  ["settings", "⚙", "settings"],
];

// Its charts are heavy, and no diary needs them: fetched when the view is opened.
const History = lazy(() => import("./history.js").then((found) => found.History));

function App() {
  const [state, setState] = useState(null);
  const [view, setView] = useState(route());

  useEffect(() => {
    const load = async () => setState(await everything());
    load();
    const followed = () => setView(route());
    addEventListener("hashchange", followed);
    const stop = listen(load);
    return () => {
      stop();
      removeEventListener("hashchange", followed);
    };
  }, []);

  useEffect(() => {
    if (!state) return;
    document.documentElement.lang = state.language === "zh" ? "zh-Hans" : "en";
    document.title = wordsOf(state.language).title;
  }, [state && state.language]);

  // Whoever sent it (this page, another tab, the worker): what arrived belongs into the history.
  const received = state ? state.queue.filter((item) => item.state === "received").length : 0;
  const before = useRef(null);
  useEffect(() => {
    if (state && before.current !== null && received > before.current) refreshPlan().catch(() => {});
    if (state) before.current = received;
  }, [Boolean(state), received]);

  if (!state) return null;
  const words = wordsOf(state.language);
  const shared = { ...state, words };
  if (!state.device || state.signedOut) return html`<${Activate} ...${shared} code=${codeOf(view)} />`;
  const [name = "today", ...rest] = view;
  if (name === "diary") return html`<${Diary} key=${view.join("/")} ...${shared} day=${rest[0]} amends=${rest[1]} />`;
  if (name === "questions") return html`<${Questions} ...${shared} id=${rest[0]} />`;
  return html`
    <div class="shell">
      ${state.offline && html`<p class="offline" role="status">${words.offline}</p>`}
      <main>
        ${name === "history"
          ? html`<${History} ...${shared} />`
          : name === "settings"
            ? html`<${Settings} ...${shared} />`
            : html`<${Today} ...${shared} />`}
      </main>
      <nav class="tabs" aria-label=${words.title}>
        ${TABS.map(
          ([tab, sign, word]) => html`
            <a href="#/${tab}" aria-current=${tab === name ? "page" : undefined}>
              <span aria-hidden="true">${sign}</span>${words[word]}
            </a>
          `,
        )}
      </nav>
    </div>
  `;
}

/** Read all that the views show, at one moment. */
async function everything() {
  const [device, language, signedOut, instrument, study, plan, begun, diaries, queue] = await Promise.all([
    read("device"),
    read("language"),
    read("signed_out"),
    read("instrument"),
    read("study"),
    read("plan"),
    drafts(),
    read("diaries"),
    queued(),
  ]);
  return {
    device,
    language: language || (device && device.language) || browserLanguage(),
    signedOut: Boolean(signedOut),
    instrument,
    study,
    plan,
    drafts: begun,
    diaries,
    queue,
    offline: !navigator.onLine,
  };
}

function browserLanguage() {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Give the code that a scanned card brought: it stands after `#`, which no server is sent. */
function codeOf(view) {
  return view[0] === "activate" ? view[1] || "" : "";
}

async function refresh() {
  if (!(await read("tokens"))) return;
  await sendWaiting();
  await refreshPlan();
}

function keepFresh() {
  const look = () => {
    if (document.visibilityState === "visible") refresh().catch(() => {});
  };
  // The connection comes back, the phone is taken up again; what waits is tried once a minute besides.
  addEventListener("online", look);
  addEventListener("visibilitychange", look);
  setInterval(() => sendWaiting().catch(() => {}), 60_000);
  for (const word of ["online", "offline"]) {
    addEventListener(word, () => new BroadcastChannel("diary").postMessage(word));
  }
  look();
}

start(html`<${App} />`);
keepFresh();
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/app/sw.js", { type: "module", scope: "/app/" }).catch(() => {});
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data === "open") go("today");
  });
}
// Without this the browser may drop what waits on the phone when it is short of space.
if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
