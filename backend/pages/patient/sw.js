// The service worker: the page opens without a connection, what waits is sent, a reminder is shown.
import { client } from "/pages/{{version}}/patient/store.js";
import { sendWaiting } from "/pages/{{version}}/patient/sync.js";

const CACHE = "diary-{{version}}";
const SHELL = "/app/";
const FILES = [SHELL, "/app/manifest.webmanifest", {{files}}];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // Answers of the API are health data: they are kept in no cache.
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate" && url.pathname === SHELL) event.respondWith(shell(request));
  else if (url.pathname.startsWith("/pages/")) event.respondWith(kept(request));
});

/** The newest page where there is a connection; after two seconds, or without one, the kept page. */
async function shell(request) {
  const known = await caches.match(SHELL);
  try {
    return await fetch(request, { signal: AbortSignal.timeout(known ? 2000 : 20_000) });
  } catch {
    return known || Response.error();
  }
}

async function kept(request) {
  return (await caches.match(request)) || fetch(request);
}

addEventListener("sync", (event) => {
  if (event.tag === "send") event.waitUntil(sendInBackground());
});

/** Send while the page is closed; who must act is called to the page, which says what to do. */
async function sendInBackground() {
  const receipts = await sendWaiting();
  const open = await clients.matchAll({ type: "window" });
  const act = receipts.some((one) => one.next_step && one.next_step.kind !== "self_care");
  if (act && !open.some((one) => one.visibilityState === "visible") && Notification.permission === "granted") {
    await registration.showNotification("Symptom diary 症状日记", {
      body: "Please open your diary now. 请现在打开日记。",
      tag: "diary-advice",
      requireInteraction: true,
    });
  }
}

addEventListener("push", (event) => {
  const { title, body, data, collapse_key: tag } = event.data.json();
  const shown = registration.showNotification(title, { body, tag, data });
  // Confirmed to the study's server, so that a reminder that came is not sent again.
  event.waitUntil(Promise.all([shown, confirm(data, "received")]));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { data } = event.notification;
  event.waitUntil(Promise.all([openPage(), data && confirm(data, "opened")]));
});

async function confirm({ id, v }, kind) {
  await client.post("/receipts", { id, v, kind }).catch(() => {});
}

async function openPage() {
  const [page] = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!page) return clients.openWindow(SHELL);
  page.postMessage("open");
  return page.focus();
}
