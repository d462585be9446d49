// The activation card: a code for one phone, as letters and as a picture to scan, to be printed.
import { html, useMemo, useState } from "../shared/ui.js";
import { renderSVG } from "../vendor/uqr.js";
import { Fault, useSending } from "./parts.js";
import { client } from "./session.js";
import { moment } from "./words.js";

export function Card({ rest: [subject], study }) {
  const [code, setCode] = useState(null);
  const { busy, fault, run } = useSending();
  const make = () => run(async () => setCode(await client.post(`/subjects/${subject}/activation-codes`)));
  const site = study.sites[subject.split("-")[0]] || {};
  return html`
    <div class="no-print">
      <h1 tabindex="-1">Activation card of ${subject}</h1>
      <p>The code is shown this once, works once, and makes the earlier one void. Give the card to the patient by hand.</p>
      <div class="row">
        <button disabled=${busy} onClick=${make}>${code ? "Make a new code" : "Make the code"}</button>
        ${code && html`<button class="quiet" onClick=${() => print()}>Print the card</button>`}
        <a class="button quiet" href="#/patient/${subject}">To the patient</a>
      </div>
      <${Fault} fault=${fault} />
    </div>
    ${code && html`<${Printed} code=${code} site=${site} />`}
  `;
}

function Printed({ code, site }) {
  // The code stands after `#`: it is sent to no server when the address is opened.
  const address = `${location.origin}/app/#/activate/${code.code}`;
  const picture = useMemo(() => `data:image/svg+xml,${encodeURIComponent(renderSVG(address, { ecc: "M", border: 2 }))}`, [address]);
  return html`
    <article class="printed" aria-label="Card">
      <header><strong>Symptom diary</strong> <span lang="zh">症状日记</span></header>
      <img src=${picture} alt="QR code of the address and the activation code" width="220" height="220" />
      <p class="code">${code.code}</p>
      <ol>
        <li>Scan the picture with the phone's camera, or open <strong>${location.origin}/app/</strong> and type the code. <span lang="zh">用手机相机扫描二维码，或打开上述网址并输入代码。</span></li>
        <li>Add the page to the home screen. <span lang="zh">将页面添加到主屏幕。</span></li>
        <li>Fill in the diary every evening. <span lang="zh">每晚填写日记。</span></li>
      </ol>
      <p>Your number <span lang="zh">您的编号</span>: <strong>${code.subject_id}</strong></p>
      <p>Valid until <span lang="zh">有效期至</span>: <strong>${moment(code.expires_at)}</strong></p>
      ${site.phone && html`<p>Study nurse <span lang="zh">研究护士</span>: <strong>${site.phone}</strong></p>`}
      ${site.emergency_phone && html`<p class="emergency-line">Emergency <span lang="zh">急救</span>: <strong>${site.emergency_phone}</strong></p>`}
    </article>
  `;
}
