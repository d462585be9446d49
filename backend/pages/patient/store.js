// What this phone keeps: tokens, the questions, a diary begun, and the queue of what was saved.
// It is in IndexedDB, so the page and its service worker see the same, and a crash loses no answer.
import { openDB } from "../vendor/idb.js";
import { Client } from "../shared/api.js";
import { Prover } from "./proof.js";

const DRAFT = "draft/";

const opened = openDB("diary", 1, {
  upgrade(db) {
    db.createObjectStore("kept");
    db.createObjectStore("queue", { keyPath: "id" });
  },
});

// Tells the page's other tabs, and the page from the service worker, that something changed.
const news = new BroadcastChannel("diary");

export async function read(key) {
  return (await opened).get("kept", key);
}

export async function write(key, value) {
  const db = await opened;
  if (value === null || value === undefined) await db.delete("kept", key);
  else await db.put("kept", value, key);
  news.postMessage(key);
}

/** Keep several things, all together or not at all; null forgets one. */
export async function writeAll(things) {
  const work = (await opened).transaction("kept", "readwrite", { durability: "strict" });
  for (const [key, value] of Object.entries(things)) {
    if (value === null) work.store.delete(key);
    else work.store.put(value, key);
  }
  await work.done;
  for (const key of Object.keys(things)) news.postMessage(key);
}

/** Give everything that was saved to be sent, the oldest first. */
export async function queued() {
  const items = await (await opened).getAll("queue");
  return items.sort((one, other) => one.saved_at.localeCompare(other.saved_at));
}

/** Give the diaries begun on this phone by their day: yesterday's and today's are two. */
export async function drafts() {
  const db = await opened;
  const keys = (await db.getAllKeys("kept")).filter((key) => key.startsWith(DRAFT));
  const found = await Promise.all(keys.map((key) => db.get("kept", key)));
  return Object.fromEntries(keys.map((key, index) => [key.slice(DRAFT.length), found[index]]));
}

export async function keepDraft(day, draft) {
  await write(DRAFT + day, draft);
}

/** Save several items and forget the drafts of their days, all together or not at all. */
export async function enqueue(items) {
  const db = await opened;
  const work = db.transaction(["queue", "kept"], "readwrite", { durability: "strict" });
  for (const item of items) {
    work.objectStore("queue").put(item);
    work.objectStore("kept").delete(DRAFT + item.day);
  }
  await work.done;
  news.postMessage("queue");
}

export async function replaceQueued(item) {
  await (await opened).put("queue", item);
  news.postMessage("queue");
}

/** Drop what the study team has had for two months: the history comes from the server. */
export async function dropOld(now) {
  const db = await opened;
  const before = new Date(now - 60 * 86_400_000).toISOString();
  for (const item of await queued()) {
    if (item.state === "received" && item.saved_at < before) await db.delete("queue", item.id);
  }
}

/** Forget everything; only after signing off. */
export async function forget() {
  const db = await opened;
  await db.clear("kept");
  await db.clear("queue");
  news.postMessage("queue");
}

/** Call `changed(what)` whenever anything kept changes, here or elsewhere; gives how to stop. */
export function listen(changed) {
  // A channel does not hear itself: a second one does.
  const ear = new BroadcastChannel("diary");
  ear.onmessage = (event) => changed(event.data);
  return () => ear.close();
}

export const client = new Client({
  read: () => read("tokens"),
  write: (tokens) => write("tokens", tokens),
  lock: "diary-tokens",
  onSignedOut: () => write("signed_out", true),
  prover: new Prover({
    key: () => read("key"),
    nonce: () => read("nonce"),
    keep: (nonce) => write("nonce", nonce),
  }),
});
