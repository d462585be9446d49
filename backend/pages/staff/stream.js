// The work list as it changes: server-sent events read by hand, since EventSource cannot carry a token.
import { client } from "./session.js";
import { BASE } from "../shared/api.js";

const AGAIN = 3000;

/**
 * Follow the open alerts until `signal` aborts. `change(kind, data)` gets `reset`, `alert` and `closed`;
 * `line(open)` is told when the line is lost and when it is back.
 */
export async function follow(change, line, signal) {
  let mark = null;
  while (!signal.aborted) {
    let pause = AGAIN;
    try {
      const headers = { Authorization: `Bearer ${await client.token()}` };
      if (mark) headers["Last-Event-ID"] = mark;
      const answer = await fetch(`${BASE}/alerts/stream`, { headers, signal, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      line(true);
      for await (const event of eventsOf(answer.body)) {
        if (event.retry) pause = event.retry;
        if (!event.kind) continue;
        mark = event.id || mark;
        change(event.kind, event.data);
      }
    } catch {
      if (!signal.aborted) line(false);
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Cut a body into events (HTML Living Standard, section 9.2). */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    kept += value;
    const blocks = kept.split("\n\n");
    kept = blocks.pop();
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block) {
  const found = {};
  for (const text of block.split("\n")) {
    const at = text.indexOf(":");
    const name = text.slice(0, at);
    const value = text.slice(at + 1).replace(/^ /, "");
    if (name === "event") found.kind = value;
    if (name === "id") found.id = value;
    if (name === "retry") found.retry = Number(value);
    if (name === "data") found.data = JSON.parse(value);
  }
  return found;
}
