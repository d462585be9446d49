// What a diary and doses say, sorted for a reader who has ten seconds. No DOM.
import { ATTRIBUTES, fact, plain } from "./words.js";

/** Sort a diary's answers: felt, measured, said plainly, asked and not there, passed over. */
export function said(diary) {
  const felt = [];
  const fine = [];
  const bySymptom = new Map();
  for (const [name, score] of Object.entries(diary.scores)) {
    const at = name.lastIndexOf("_");
    const symptom = name.slice(0, at);
    if (!bySymptom.has(symptom)) bySymptom.set(symptom, []);
    bySymptom.get(symptom).push([name.slice(at + 1), score]);
  }
  for (const [symptom, scores] of bySymptom) {
    const worst = Math.max(...scores.map(([, score]) => score));
    if (worst === 0) fine.push(plain(symptom));
    else {
      const words = scores.map(([attribute, score]) => `${attribute}: ${ATTRIBUTES[attribute][score]}`).join(" · ");
      felt.push({ title: plain(symptom), value: words, strong: worst >= 3, worst });
    }
  }
  felt.sort((one, other) => other.worst - one.worst);
  const measured = [];
  const plainly = [];
  const skipped = [];
  for (const [name, value] of Object.entries(diary.answers)) {
    if (value === null) skipped.push(plain(name));
    else if (value === false || value === "none") fine.push(plain(name));
    else if (VITALS[name]) measured.push(fact(name, value));
    else plainly.push({ ...fact(name, value), strong: value === true });
  }
  return { felt, measured, plainly, fine, skipped };
}

// Vital signs by the fact they become: title, unit, the fact of the baseline.
const VITALS = {
  temperature_c: ["Temperature", "°C", "baseline_temperature_c"],
  sbp_mmhg: ["Systolic blood pressure", "mmHg", "baseline_sbp_mmhg"],
  dbp_mmhg: ["Diastolic blood pressure", "mmHg", "baseline_dbp_mmhg"],
  heart_rate_bpm: ["Heart rate", "/min", "baseline_heart_rate_bpm"],
  spo2_percent: ["Oxygen saturation", "%", "baseline_spo2_percent"],
  weight_kg: ["Weight", "kg", "baseline_weight_kg"],
  stools_per_day: ["Stools", "/day", "baseline_stools_per_day"],
};
// Which answer stands behind a fact that the engine derived.
const BEHIND = {
  stools_over_baseline: "stools_per_day",
  diarrhoea_days: "stools_per_day",
  spo2_fall_percent: "spo2_percent",
  weight_loss_percent: "weight_kg",
};
const MOST_CHARTS = 4;
const DAYS = 28;

/** Choose what to draw: the answers that the flag read, over four weeks, with the baseline as a line. */
export function trendsOf(flag, diaries, subject) {
  const current = diaries.filter((one) => !one.superseded).sort((one, other) => one.day.localeCompare(other.day));
  const recent = current.filter((one) => !current.length || daysFrom(one.day, current.at(-1).day) <= DAYS);
  const names = new Set();
  for (const name of Object.keys((flag && flag.inputs) || {})) {
    names.add(BEHIND[name] || name.replace(/^previous_/, ""));
  }
  const charts = [];
  for (const name of names) {
    if (VITALS[name]) {
      const [title, unit, baseline] = VITALS[name];
      const points = recent.filter((one) => typeof one.answers[name] === "number").map((one) => ({ day: one.day, value: one.answers[name] }));
      const known = subject.baseline[baseline];
      const limits = known === undefined ? [] : [{ value: known, label: `before treatment ${known}` }];
      charts.push({ name, title, unit, points, limits });
      continue;
    }
    const attribute = name.slice(name.lastIndexOf("_") + 1);
    if (!(attribute in ATTRIBUTES)) continue;
    const points = recent.filter((one) => name in one.scores).map((one) => ({ day: one.day, value: one.scores[name] }));
    if (points.length) {
      const labels = ATTRIBUTES[attribute];
      charts.push({ name, title: plain(name), unit: null, points, labels, low: 0, high: labels.length - 1 });
    }
  }
  return charts.slice(0, MOST_CHARTS);
}

/** Say for each component of the study what was last given, and how long before `day` that was. */
export function onBoard(doses, study, day) {
  const counted = doses.filter((dose) => !dose.corrected && dose.change !== "withdrawn" && (!day || dose.first <= day));
  return Object.entries(study.components).map(([component, { name, route }]) => {
    const own = counted.filter((dose) => dose.component === component);
    const given = own.filter((dose) => dose.dose > 0);
    const last = given.at(-1);
    if (!last) return { title: name, known: false };
    const newest = own.at(-1);
    const halted = newest !== last ? ` · ${plain(newest.change)} since ${newest.first}${newest.reason ? ` (${newest.reason})` : ""}` : "";
    const until = route === "oral" ? (last.last && (!day || last.last < day) ? `until ${last.last}, ${daysFrom(last.last, day)} days ago` : "being taken") : `${daysFrom(last.first, day)} days ago`;
    const reduced = last.change === "reduced" ? " (reduced)" : "";
    const cycle = last.cycle ? `, cycle ${last.cycle}` : "";
    const count = route === "radiation" ? `, fraction ${last.fraction ?? given.length}` : "";
    return { title: name, known: true, text: `${last.dose} ${last.unit}${route === "oral" ? "/day" : ""}${reduced}${cycle}${count} on ${last.first}; ${until}${halted}` };
  });
}

export function daysFrom(first, last) {
  return Math.round((Date.parse(`${last}T12:00:00Z`) - Date.parse(`${first}T12:00:00Z`)) / 86_400_000);
}
