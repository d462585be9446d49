// Who works at this screen: signed in for all tabs, signed out by hand, or after a time without a touch.
import { call, Client, kept } from "../shared/api.js";

const TOKENS = "staff-tokens";
const TOUCHED = "staff-touched";
// A screen on a ward is left as it is: after so long somebody else stands before it.
const IDLE_MINUTES = 30;

export const client = new Client({
  read: () => JSON.parse(localStorage.getItem(TOKENS)),
  write: (tokens) => {
    if (tokens) localStorage.setItem(TOKENS, JSON.stringify(tokens));
    else localStorage.removeItem(TOKENS);
  },
  lock: "staff-tokens",
  onSignedOut: () => location.reload(),
});

export function isSignedIn() {
  return Boolean(localStorage.getItem(TOKENS));
}

export async function signIn(email, password, code) {
  const answer = await call("POST", "/sessions", { body: { email, password, ...(code ? { code } : {}) } });
  touch();
  localStorage.setItem(TOKENS, JSON.stringify(kept(await answer.json())));
}

export async function signOut() {
  await client.send("DELETE", "/sessions/current").catch(() => {});
  localStorage.removeItem(TOKENS);
  location.hash = "";
  location.reload();
}

function touch() {
  localStorage.setItem(TOUCHED, String(Date.now()));
}

function leaveIdle() {
  const since = Number(localStorage.getItem(TOUCHED) || 0);
  if (isSignedIn() && Date.now() - since > IDLE_MINUTES * 60_000) signOut();
}

/** Sign out what nobody touches, in every tab together. */
export function watchIdle() {
  leaveIdle();
  for (const word of ["pointerdown", "keydown"]) addEventListener(word, touch, { passive: true });
  setInterval(leaveIdle, 30_000);
  // Another tab signed out, or somebody else signed in.
  addEventListener("storage", (event) => {
    if (event.key === TOKENS && !event.newValue !== !event.oldValue) location.reload();
  });
}

/** Tell whether the person holds one of these roles, at any site. */
export function holds(who, ...roles) {
  return who.grants.some((grant) => roles.includes(grant.role));
}

export const CARE = ["nurse", "investigator"];
export const REVIEW = ["safety_reviewer", "data_manager"];

/** Give the sites where the person holds one of these roles; every site where a grant names none. */
export function sitesOf(who, study, ...roles) {
  const grants = who.grants.filter((grant) => roles.includes(grant.role));
  const all = Object.keys(study.sites);
  return grants.some((grant) => grant.site === null) ? all : all.filter((site) => grants.some((grant) => grant.site === site));
}
