// The API as a page calls it: one token that is renewed in time, errors as RFC 9457 problems.

export const BASE = "/api/v1";
// A request on a hospital's wireless network may hang for minutes; a person waits for seconds.
const PATIENCE = 20_000;
// Renewed so long before its end that a slow request still carries a good one.
const EARLY = 60_000;
const PROOF_NEEDED = "urn:pro-ae:problem:proof-needed";

/** An answer that refuses: `status`, `title` and one fault per field; status 0: nobody answered. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || "No connection");
    this.status = status;
    this.title = body.title || "";
    this.type = body.type || "";
    this.errors = body.errors || [];
    this.retryAfter = body.retryAfter || null;
  }

  /** Tell whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Tell whether the proof of this device's key was refused, not its token. */
  get isAboutProof() {
    return this.type === PROOF_NEEDED;
  }

  /** Give the faults as one readable text. */
  get text() {
    const faults = this.errors.map((one) => `${one.pointer}: ${one.detail}`);
    return [this.message, ...faults].join("\n");
  }
}

/**
 * Call the API, with a token or without.
 *
 * `prover` proves this device's key, where it has one. A refused proof is made once more: the answer has
 * the nonce for it, and the browser itself may have sent the first one twice.
 */
export async function call(method, path, options = {}) {
  try {
    return await callOnce(method, path, options);
  } catch (error) {
    if (!error.isAboutProof || !(await options.prover?.hasKey())) throw error;
    return callOnce(method, path, options);
  }
}

async function callOnce(method, path, { body, token, headers = {}, signal, prover }) {
  const raw = body instanceof Blob;
  const sent = {
    method,
    headers: { ...headers },
    body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    signal: signal || AbortSignal.timeout(PATIENCE),
  };
  if (body !== undefined) sent.headers["Content-Type"] = raw ? body.type : "application/json";
  const proof = prover ? await prover.proof(method, BASE + path, token) : null;
  if (proof) sent.headers.DPoP = proof;
  if (token) sent.headers.Authorization = `${proof ? "DPoP" : "Bearer"} ${token}`;
  let answer;
  try {
    answer = await fetch(BASE + path, sent);
  } catch (error) {
    throw new Problem(0, { title: String(error.name) });
  }
  prover?.heard(answer.headers.get("DPoP-Nonce"));
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ title: answer.statusText }));
  throw new Problem(answer.status, { ...problem, retryAfter: answer.headers.get("Retry-After") });
}

/**
 * Calls with a token that is renewed by itself.
 *
 * `read()` and `write(tokens)` keep `{access_token, refresh_token, good_until}`; `write(null)` forgets
 * them. Renewing happens under a lock that all tabs and the service worker share: a refresh token is
 * good once, and a second use of it would end the sign-in. `prover`: see `call`.
 */
export class Client {
  constructor({ read, write, lock, onSignedOut, prover }) {
    this.read = read;
    this.write = write;
    this.lock = lock;
    this.onSignedOut = onSignedOut;
    this.prover = prover;
  }

  async token(used) {
    const known = await this.read();
    if (known && known.access_token !== used && known.good_until - EARLY > Date.now()) {
      return known.access_token;
    }
    return navigator.locks.request(this.lock, async () => {
      const now = await this.read();
      if (!now) throw new Problem(401, { title: "Not signed in" });
      if (now.access_token !== used && now.good_until - EARLY > Date.now()) return now.access_token;
      try {
        const answer = await call("POST", "/sessions/refresh", {
          body: { refresh_token: now.refresh_token },
          prover: this.prover,
        });
        const fresh = kept(await answer.json());
        await this.write(fresh);
        return fresh.access_token;
      } catch (error) {
        // A proof that is refused (a proxy that changes paths, a worker of another hour) passes; a key
        // that is gone does not.
        if (error.status === 401 && !(error.isAboutProof && (await this.prover?.hasKey()))) {
          await this.write(null);
          this.onSignedOut();
        }
        throw error;
      }
    });
  }

  async fetch(method, path, options = {}) {
    const asked = { ...options, prover: this.prover };
    const token = await this.token();
    try {
      return await call(method, path, { ...asked, token });
    } catch (error) {
      if (error.status !== 401 || (error.isAboutProof && (await this.prover?.hasKey()))) throw error;
      // Revoked, or this device's clock is wrong about the token's end: once more with a new one.
      return call(method, path, { ...asked, token: await this.token(token) });
    }
  }

  async get(path) {
    return (await this.fetch("GET", path)).json();
  }

  async send(method, path, body) {
    const answer = await this.fetch(method, path, { body });
    return answer.status === 204 ? null : answer.json();
  }

  async post(path, body = {}) {
    return this.send("POST", path, body);
  }

  /** Read every page of a list, up to `most` items. */
  async all(path, most = 2000) {
    const items = [];
    let next = null;
    do {
      const join = path.includes("?") ? "&" : "?";
      const cursor = next ? `&cursor=${encodeURIComponent(next)}` : "";
      const page = await this.get(`${path}${join}limit=200${cursor}`);
      items.push(...page.items);
      next = page.next;
    } while (next && items.length < most);
    return items;
  }
}

/** Turn an answer with tokens into what is kept. */
export function kept(tokens) {
  const { access_token, refresh_token, expires_in } = tokens;
  return { access_token, refresh_token, good_until: Date.now() + expires_in * 1000 };
}
