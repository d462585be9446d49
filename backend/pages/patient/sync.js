// Sending what was saved: one after the other, the oldest first; a repeat gets the same receipt.
import { client, enqueue, queued, read, replaceQueued } from "./store.js";

/** Save items in one stroke, then try to send them; where the browser can, also after the page is closed. */
export async function saveAndSend(items) {
  await enqueue(items);
  askForSync().catch(() => {});
  sendWaiting().catch(() => {});
}

async function askForSync() {
  const ready = await navigator.serviceWorker.ready;
  // Where there is no such thing, it is sent when the page is opened next.
  if (ready.sync) await ready.sync.register("send");
}

/**
 * Send everything that waits; gives the receipts that came now.
 *
 * Only one tab or worker sends at a time. What the server refuses for good is kept and shown; what it
 * cannot take now (no connection, too busy, signed out) stays waiting.
 */
export async function sendWaiting() {
  return navigator.locks.request("diary-sending", { ifAvailable: true }, async (lock) => {
    if (!lock) return [];
    const receipts = [];
    for (const item of await queued()) {
      if (item.state !== "waiting") continue;
      if (!(await read("tokens"))) break;
      try {
        const receipt = item.kind === "photo" ? await sendPhoto(item) : await sendDiary(item);
        receipts.push(receipt);
        // The photo itself is with the study team now: a phone may be lost, so it is not kept.
        await replaceQueued({ ...item, photo: undefined, state: "received", receipt });
      } catch (error) {
        if (!(error.status >= 400) || error.isPassing || error.status === 401) break;
        await replaceQueued({ ...item, state: "refused", problem: error.text });
      }
    }
    return receipts;
  });
}

async function sendDiary(item) {
  return client.post("/diaries", { ...item.body, sent_at: new Date().toISOString() });
}

async function sendPhoto(item) {
  const query = new URLSearchParams({
    photo_id: item.id,
    submission_id: item.submission_id,
    kind: item.photo_kind,
    taken_at: item.saved_at,
  });
  const answer = await client.fetch("POST", `/photos?${query}`, { body: item.photo });
  return answer.json();
}
