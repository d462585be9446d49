// What every page draws with: Preact with htm, no build step.
import { h, render, Fragment } from "../vendor/preact.js";
import { useEffect, useState } from "../vendor/hooks.js";
import htm from "../vendor/htm.js";

export { Fragment };
export {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "../vendor/hooks.js";
export const html = htm.bind(h);

/** Draw the page in place of what stood there while it was fetched. */
export function start(view) {
  const place = document.getElementById("app");
  place.replaceChildren();
  render(view, place);
}

/** Give a component whose module is fetched when it is first shown. */
export function lazy(load) {
  let found = null;
  return function Lazy(properties) {
    const [, again] = useState(0);
    useEffect(() => {
      if (!found) {
        load().then((component) => {
          found = component;
          again(1);
        });
      }
    }, []);
    return found ? h(found, properties) : h("p", { role: "status" }, "…");
  };
}

/** Say something to a screen reader without moving the focus. */
export function announce(text) {
  const place = document.getElementById("announcer");
  place.textContent = "";
  // Set in the next task, or the same text twice would be said once.
  setTimeout(() => {
    place.textContent = text;
  }, 50);
}

/** Give the path after `#/` as its parts, so that nothing of a subject is in a URL that a server sees. */
export function route() {
  return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
}

/** Go to another view. */
export function go(...parts) {
  location.hash = `#/${parts.map(encodeURIComponent).join("/")}`;
}
