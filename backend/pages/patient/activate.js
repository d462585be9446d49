// The first view: a code from the card makes this phone the subject's.
import { html, useState, go } from "../shared/ui.js";
import { call, kept } from "../shared/api.js";
import { client, forget, read, write, writeAll } from "./store.js";
import { refreshPlan } from "./plan.js";
import { Prover, newKey } from "./proof.js";
import { sendWaiting } from "./sync.js";
import { LANGUAGES } from "./words.js";

export function Activate({ words, language, code, signedOut }) {
  const [typed, setTyped] = useState(code);
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);

  const start = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      const key = await newKey();
      const body = { code: typed.trim(), label: "phone" };
      const prover = new Prover({ key: async () => key });
      const answer = await call("POST", "/activations", { body, prover });
      client.prover.heard(prover.nonce);
      await activated(await answer.json(), key);
    } catch (error) {
      setFault(error.status ? words.activate_bad : words.activate_offline);
      setBusy(false);
    }
  };

  return html`
    <main class="single">
      <p class="languages">
        ${Object.entries(LANGUAGES).map(
          ([id, other]) => html`
            <button class=${id === language ? "" : "quiet"} lang=${id} aria-pressed=${String(id === language)} onClick=${() => write("language", id)}>
              ${other.language}
            </button>
          `,
        )}
      </p>
      <h1>${words.activate_title}</h1>
      ${signedOut && html`<p class="notice urgent" role="alert">${words.activate_again}</p>`}
      <p>${words.activate_text}</p>
      <form onSubmit=${start}>
        <label class="field">
          ${words.activate_label}
          <input
            class="code"
            value=${typed}
            onInput=${(event) => setTyped(event.target.value)}
            autocomplete="one-time-code"
            autocapitalize="characters"
            spellcheck=${false}
            aria-describedby="hint"
            required
          />
        </label>
        <p id="hint" class="soft">${words.activate_hint}</p>
        ${fault && html`<p class="notice urgent" role="alert">${fault}</p>`}
        <button class="wide big" disabled=${busy}>${busy ? words.loading : words.activate_button}</button>
      </form>
    </main>
  `;
}

async function activated({ device_id, subject_id, language, zone, tokens }, key) {
  const before = await read("device");
  const known = await read("language");
  // A phone that changed hands must not show, or send, what another patient wrote on it.
  if (before && before.subject_id !== subject_id) await clearOther();
  // In one stroke: the new tokens are of no use with an earlier key, nor the earlier ones with this.
  await writeAll({
    key,
    tokens: kept(tokens),
    device: { device_id, subject_id, language, zone },
    language: known || language,
    signed_out: null,
  });
  // The code stays in no history.
  history.replaceState(null, "", "/app/#/today");
  go("today");
  await sendWaiting();
  await refreshPlan();
}

async function clearOther() {
  const language = await read("language");
  await forget();
  await write("language", language);
}
