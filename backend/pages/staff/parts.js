// Parts that several of the study team's views draw with.
import { html, useEffect, useState } from "../shared/ui.js";
import { client } from "./session.js";
import { TIERS } from "./words.js";

/** A tier as sign, word and colour. */
export function Tier({ tier }) {
  const [sign, word] = TIERS[tier] || ["○", tier];
  return html`<span class="tier ${tier}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** A CTCAE grade, with what is open about it. */
export function Grade({ grade, least, most }) {
  if (least !== undefined && least !== null && most !== null && most !== undefined && least !== most) {
    return html`<span class="grade">${least} to ${most}</span>`;
  }
  return html`<span class="grade g${grade}">${grade === null || grade === undefined ? "?" : grade}</span>`;
}

/**
 * Fetch for a view: `[found, fault, again]`. `load` gives a promise; it runs anew when a part of
 * `changing` does. A late answer of an earlier run is thrown away.
 */
export function useLoad(load, changing) {
  const [state, setState] = useState([null, null]);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (found) => current && setState([found, null]),
      (fault) => current && setState((before) => [before[0], fault]),
    );
    return () => {
      current = false;
    };
  }, [...changing, turn]);
  return [...state, () => setTurn((before) => before + 1)];
}

/** What stands in a view's place until it is there, or could not be had. */
export function Waiting({ fault, again }) {
  if (!fault) return html`<p role="status">One moment …</p>`;
  return html`
    <div class="notice urgent" role="alert">
      <p>${fault.text || String(fault)}</p>
      ${again && html`<button class="quiet" onClick=${again}>Try again</button>`}
    </div>
  `;
}

/** The time now, moving on by itself: ages and countdowns are read from it. */
export function useNow(every = 10_000) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** A picture that the API draws, fetched with the person's token. */
export function Picture({ path, title, method = "GET", body }) {
  const [url, fault, again] = useLoad(async () => {
    const answer = await client.fetch(method, path, { body });
    return URL.createObjectURL(await answer.blob());
  }, [path]);
  useEffect(() => () => url && URL.revokeObjectURL(url), [url]);
  if (!url) return html`<${Waiting} fault=${fault} again=${again} />`;
  return html`<img class="picture" src=${url} alt=${title} />`;
}

/** Fetch a file with the person's token and hand it to the browser's downloads. */
export async function download(method, path, body) {
  const answer = await client.fetch(method, path, { body, signal: AbortSignal.timeout(120_000) });
  const named = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") || "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = named ? named[1] : path.split("/").at(-1).split("?")[0];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A form's button that waits, and says what went wrong. */
export function useSending() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(null);
  const run = async (work) => {
    setBusy(true);
    setFault(null);
    try {
      return await work();
    } catch (error) {
      setFault(error);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { busy, fault, setFault, run };
}

/** What was refused, field by field. */
export function Fault({ fault }) {
  if (!fault) return null;
  return html`
    <div class="notice urgent" role="alert">
      <p>${fault.status === 412 ? "Somebody else changed this meanwhile. Look at it again, then answer." : fault.message}</p>
      ${fault.errors && fault.errors.length > 0 && html`<ul>${fault.errors.map((one) => html`<li><code>${one.pointer}</code> ${one.detail}</li>`)}</ul>`}
    </div>
  `;
}

/** A table that scrolls by itself on a narrow screen. */
export function Table({ caption, head, children }) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption class="hidden">${caption}</caption>
        <thead><tr>${head.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead>
        <tbody>${children}</tbody>
      </table>
    </div>
  `;
}
