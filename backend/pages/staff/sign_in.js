// Signing in: e-mail and password; why it failed is said in general words.
import { html, useEffect, useRef, useState } from "../shared/ui.js";
import { signIn } from "./session.js";

export function SignIn() {
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);
  const code = useRef();
  const email = useRef();
  const password = useRef();
  useEffect(() => email.current.focus(), []);

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await signIn(email.current.value.trim(), password.current.value, code.current ? code.current.value.trim() : undefined);
      location.reload();
    } catch (error) {
      setBusy(false);
      if (error.status === 401 && String(error.type).endsWith("second-factor-needed")) {
        setNeedsCode(true);
        return;
      }
      setFault(faultText(error));
      password.current.focus();
    }
  };
  return html`
    <main class="single sign-in" id="main">
      <h1>Study team</h1>
      <form class="card" onSubmit=${submit}>
        <label class="field">E-mail<input ref=${email} type="email" autocomplete="username" required /></label>
        <label class="field">Password<input ref=${password} type="password" autocomplete="current-password" required /></label>
        ${needsCode && html`<label class="field">Code of your authenticator app, or a recovery code<input ref=${code} autocomplete="one-time-code" inputmode="text" minlength="6" maxlength="20" autofocus required /></label>`}
        ${fault && html`<p class="notice urgent" role="alert">${fault}</p>`}
        <button class="wide" disabled=${busy}>${busy ? "One moment …" : "Sign in"}</button>
      </form>
      <p class="soft small">After 30 minutes without a touch this screen signs out by itself.</p>
    </main>
  `;
}

function faultText(error) {
  if (error.status === 429) return `Too many attempts. Try again in ${Math.ceil(Number(error.retryAfter || 60) / 60)} minutes.`;
  return error.status === 0 ? "The study's server cannot be reached." : "E-mail or password is not right.";
}
