// Reminder time, reminders on this phone, language, and leaving the study's phone list.
import { html, useEffect, useState, announce } from "../shared/ui.js";
import { client, forget, read, write } from "./store.js";
import { refreshPlan } from "./plan.js";
import { LANGUAGES } from "./words.js";

export function Settings({ words, language, study, device, queue }) {
  return html`
    <h1 tabindex="-1">${words.settings}</h1>
    <${Reminder} words=${words} study=${study} />
    <${Push} words=${words} />
    <section class="card">
      <h2>${words.change_language}</h2>
      <div class="row">
        ${Object.entries(LANGUAGES).map(
          ([id, other]) => html`
            <button class=${id === language ? "" : "quiet"} lang=${id} aria-pressed=${String(id === language)} onClick=${() => choose(id)}>
              ${other.language}
            </button>
          `,
        )}
      </div>
    </section>
    <section class="card">
      <h2>${words.about_title}</h2>
      <p>${words.about_text}</p>
      <p class="soft small">${words.hello(device.subject_id)}</p>
    </section>
    <${Leave} words=${words} waiting=${queue.some((item) => item.state === "waiting")} />
  `;
}

async function choose(language) {
  await write("language", language);
  await refreshPlan().catch(() => {});
}

function Reminder({ words, study }) {
  const [own, setOwn] = useState(null);
  const [said, setSaid] = useState(null);
  useEffect(() => {
    read("own").then(setOwn);
  }, []);
  const usual = study ? study.diary.reminder_at : "";
  const set = async (time) => {
    try {
      const changed = await client.send("PUT", "/device/reminder-time", { reminder_time: time || null });
      await write("own", changed);
      setOwn(changed);
      setSaid(words.reminder_saved);
      announce(words.reminder_saved);
    } catch {
      setSaid(words.error);
    }
  };
  return html`
    <section class="card">
      <h2><label for="reminder">${words.reminder}</label></h2>
      <input id="reminder" type="time" value=${(own && own.reminder_time) || usual} onChange=${(event) => set(event.target.value)} />
      ${own && own.reminder_time && html`<button class="quiet" onClick=${() => set(null)}>${words.reminder_usual(usual)}</button>`}
      ${said && html`<p role="status">${said}</p>`}
    </section>
  `;
}

/** Push by the browser's own service (RFC 8030): a reminder that says nothing but that it is time. */
function Push({ words }) {
  const [state, setState] = useState("asking");
  const [key, setKey] = useState(null);
  useEffect(() => {
    look().then(([found, known]) => {
      setKey(known);
      setState(found);
    });
  }, []);
  const on = async () => {
    setState("asking");
    try {
      if ((await Notification.requestPermission()) !== "granted") return setState("denied");
      const worker = await navigator.serviceWorker.ready;
      const options = { userVisibleOnly: true, applicationServerKey: key };
      const subscription = await worker.pushManager.subscribe(options);
      const { endpoint, keys } = subscription.toJSON();
      const own = await read("own");
      const value = JSON.stringify({ endpoint, keys });
      await client.send("PUT", "/device/push-address", { kind: "webpush", value, reminder_time: (own && own.reminder_time) || null });
      return setState("on");
    } catch {
      return setState("failed");
    }
  };
  return html`
    <section class="card">
      <h2>${words.push}</h2>
      ${state === "on" && html`<p class="state good"><span aria-hidden="true">✓</span> ${words.push_is_on}</p>`}
      ${state === "none" && html`<p>${words.push_none}</p>`}
      ${state === "denied" && html`<p class="notice urgent">${words.push_denied}</p>`}
      ${state === "failed" && html`<p class="notice urgent" role="alert">${words.push_failed}</p>`}
      ${["off", "failed"].includes(state) && html`<button onClick=${on}>${words.push_on}</button>`}
    </section>
  `;
}

async function look() {
  if (!("PushManager" in globalThis) || !("serviceWorker" in navigator)) return ["none", null];
  try {
    const { application_server_key: key } = await client.get("/push-key");
    if (!key) return ["none", null];
    if (Notification.permission === "denied") return ["denied", key];
    const worker = await navigator.serviceWorker.getRegistration("/app/");
    const known = worker && (await worker.pushManager.getSubscription());
    return [known ? "on" : "off", key];
  } catch {
    return ["none", null];
  }
}

function Leave({ words, waiting }) {
  const [sure, setSure] = useState(false);
  const [fault, setFault] = useState(null);
  const leave = async () => {
    try {
      await client.send("DELETE", "/device");
      await forget();
    } catch {
      setFault(words.error);
    }
  };
  return html`
    <section class="card">
      <h2>${words.sign_off}</h2>
      <p class="soft">${waiting ? words.sign_off_waiting : words.sign_off_text}</p>
      ${fault && html`<p class="notice urgent" role="alert">${fault}</p>`}
      ${sure
        ? html`<button class="danger" onClick=${leave}>${words.sign_off_sure}</button>`
        : html`<button class="quiet" disabled=${waiting} onClick=${() => setSure(true)}>${words.sign_off}</button>`}
    </section>
  `;
}
