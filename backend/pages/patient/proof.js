// The phone's key: made here, never leaves here, and proved with each request (DPoP, RFC 9449).

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/** Make a key that no script can read out; null where the browser has no WebCrypto (no https). */
export async function newKey() {
  if (!globalThis.crypto?.subtle) return null;
  const { privateKey, publicKey } = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { private: privateKey, jwk: { kty, crv, x, y } };
}

/**
 * Proves the key that `key()` gives; a phone that was activated without one proves nothing.
 *
 * `nonce()` and `keep(nonce)` share the server's last nonce with the service worker and the next start.
 */
export class Prover {
  constructor({ key, nonce = async () => null, keep = async () => {} }) {
    this.key = key;
    this.kept = nonce;
    this.keep = keep;
    this.nonce = null;
  }

  async hasKey() {
    return Boolean(await this.key());
  }

  /** Give the proof for one request, or null; each is good once. */
  async proof(method, path, token) {
    const key = await this.key();
    if (!key) return null;
    const nonce = this.nonce || (await this.kept());
    const claims = {
      jti: crypto.randomUUID(),
      htm: method,
      htu: location.origin + path.split(/[?#]/)[0],
      iat: Math.floor(Date.now() / 1000),
    };
    if (nonce) claims.nonce = nonce;
    if (token) claims.ath = base64url(await crypto.subtle.digest("SHA-256", bytes(token)));
    const said = [{ typ: "dpop+jwt", alg: "ES256", jwk: key.jwk }, claims]
      .map((part) => base64url(bytes(JSON.stringify(part))))
      .join(".");
    return `${said}.${base64url(await crypto.subtle.sign(SIGNATURE, key.private, bytes(said)))}`;
  }

  /** Keep the server's nonce for the next proof: it says when that was made, not this phone's clock. */
  heard(nonce) {
    if (!nonce || nonce === this.nonce) return;
    this.nonce = nonce;
    // Not waited for: a proof with the one before is asked for again, no more.
    this.keep(nonce).catch(() => {});
  }
}

function bytes(text) {
  return new TextEncoder().encode(text);
}

function base64url(data) {
  const text = String.fromCharCode(...new Uint8Array(data));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
