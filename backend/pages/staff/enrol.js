// Enrolment: no name, no date of birth; what was known before treatment decides later grades.
import { html, useState, go } from "../shared/ui.js";
import { Fault, useSending } from "./parts.js";
import { CARE, client, sitesOf } from "./session.js";
import { fact } from "./words.js";

const BASELINE = [
  "baseline_stools_per_day",
  "baseline_weight_kg",
  "baseline_sbp_mmhg",
  "baseline_dbp_mmhg",
  "baseline_heart_rate_bpm",
  "baseline_spo2_percent",
  "baseline_temperature_c",
];
const LANGUAGE = { en: "English", zh: "Chinese (simplified)" };

export function Enrol({ who, study }) {
  const sites = sitesOf(who, study, ...CARE);
  const [form, setForm] = useState(() => ({ site: sites[0], arm: "", mrf: "", zone: study.sites[sites[0]].zone, language: study.sites[sites[0]].languages[0] }));
  const [baseline, setBaseline] = useState({});
  const { busy, fault, run } = useSending();
  const set = (part) => setForm({ ...form, ...part });
  const send = (event) => {
    event.preventDefault();
    const known = Object.entries(baseline).filter(([, text]) => text !== "").map(([name, text]) => [name, name === "sex" ? text : Number(text.replace(",", "."))]);
    run(async () => {
      const subject = await client.post("/subjects", { ...form, baseline: Object.fromEntries(known) });
      go("card", subject.id);
    });
  };
  return html`
    <h1 tabindex="-1">Enrol a patient</h1>
    <p class="soft">The arm and the stratum come from the randomisation list. No name is entered anywhere in this system.</p>
    <form class="card form-grid" onSubmit=${send}>
      <label class="field">Site
        <select value=${form.site} onChange=${(event) => set({ site: event.target.value, zone: study.sites[event.target.value].zone, language: study.sites[event.target.value].languages[0] })}>${sites.map((one) => html`<option value=${one}>${one} ${study.sites[one].name}</option>`)}</select>
      </label>
      <label class="field">Arm
        <select value=${form.arm} onChange=${(event) => set({ arm: event.target.value })} required>
          <option value="">choose</option>${Object.entries(study.arms).map(([id, arm]) => html`<option value=${id}>${id}: ${arm.title}</option>`)}
        </select>
      </label>
      <label class="field">Mesorectal fascia (MRF)
        <select value=${form.mrf} onChange=${(event) => set({ mrf: event.target.value })} required>
          <option value="">choose</option>${study.strata.map((one) => html`<option>${one}</option>`)}
        </select>
      </label>
      <label class="field">Language of the diary
        <select value=${form.language} onChange=${(event) => set({ language: event.target.value })}>${study.sites[form.site].languages.map((one) => html`<option value=${one}>${LANGUAGE[one] || one}</option>`)}</select>
      </label>
      <label class="field">Time zone <input value=${form.zone} onInput=${(event) => set({ zone: event.target.value })} required /></label>
      <label class="field">Sex
        <select value=${baseline.sex || ""} onChange=${(event) => setBaseline({ ...baseline, sex: event.target.value })}><option value="">not known</option><option>female</option><option>male</option></select>
      </label>
      <h2 class="full">Before treatment</h2>
      <p class="soft full">What stays empty is not known, and grades that compare with it stay open.</p>
      ${BASELINE.map((name) => {
        const { title, value } = fact(name.replace("baseline_", ""), "");
        return html`<label class="field">${title} <span class="soft">${value}</span> <input inputmode="decimal" value=${baseline[name] || ""} onInput=${(event) => setBaseline({ ...baseline, [name]: event.target.value })} /></label>`;
      })}
      <div class="full"><button disabled=${busy}>Enrol</button></div>
      <div class="full"><${Fault} fault=${fault} /></div>
    </form>
  `;
}
