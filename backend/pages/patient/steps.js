// Which screens a diary has, one question each, from the instrument and the answers so far. No DOM.

/** An empty diary. */
export function newAnswers(day) {
  return { day, symptoms: {}, observations: {}, vitals: {}, body: {}, photos: [], passed: {}, extra: [], text: "" };
}

/**
 * Give the screens in order; what is asked next follows from what was answered.
 *
 * `asks`: ids of the symptoms planned for the day; `vitals`: ids of the vital signs of the study.
 */
export function stepsOf(instrument, asks, vitals, answers) {
  const questions = new Map(instrument.observations.map((one) => [one.name, one]));
  const symptoms = new Map(instrument.symptoms.map((one) => [one.symptom, one]));
  // Asked on the body's drawing, so not a second time as a number.
  const drawn = new Set(Object.values(instrument.area_answers));
  const steps = [{ id: "danger", kind: "danger", names: instrument.danger }];
  const asked = new Set(instrument.danger);

  function ask(names, title) {
    for (const name of names) {
      const question = questions.get(name);
      if (!question || asked.has(name) || drawn.has(name)) continue;
      asked.add(name);
      steps.push({ id: `observation/${name}`, kind: "observation", question, title });
      for (const after of instrument.after_answers) {
        if (after.observation === name && after.values.includes(answers.observations[name])) {
          ask(after.ask, title);
        }
      }
    }
  }

  ask(instrument.every_day, null);
  for (const id of new Set([...asks, ...answers.extra])) {
    const symptom = symptoms.get(id);
    if (!symptom) continue;
    const scores = answers.symptoms[id] || {};
    symptom.items.forEach((item, index) => {
      // PRO-CTCAE's own branching: how bad it was is asked of who had it.
      if (index && !(scores[symptom.items[0].attribute] > 0)) return;
      const step = { id: `symptom/${id}/${item.attribute}`, kind: "score", symptom, item };
      steps.push(step);
    });
    const worst = Math.max(0, ...Object.values(scores));
    for (const after of instrument.after_symptoms) {
      if (after.symptom === id && worst >= after.least) ask(after.ask, symptom.title);
    }
    if (worst > 0 && instrument.body_regions && instrument.body_marks.includes(id)) {
      const area = instrument.area_answers[id] || null;
      steps.push({ id: `body/${id}`, kind: "body", symptom, area });
    }
    if (worst > 0 && instrument.photos[id]) {
      steps.push({ id: `photo/${id}`, kind: "photo", symptom, photo: instrument.photos[id] });
    }
  }
  const pressure = ["systolic_bp", "diastolic_bp", "pulse"].filter((one) => vitals.includes(one));
  if (vitals.includes("temperature")) steps.push(vitalStep("temperature", ["temperature"]));
  if (pressure.length) steps.push(vitalStep("blood_pressure", pressure));
  for (const vital of vitals) {
    if (vital !== "temperature" && !pressure.includes(vital)) steps.push(vitalStep(vital, [vital]));
  }
  steps.push({ id: "more", kind: "more" }, { id: "review", kind: "review" });
  return steps;
}

function vitalStep(title, vitals) {
  return { id: `vital/${title}`, kind: "vital", title, vitals };
}

/** Tell whether a screen has been answered or passed over on purpose. */
export function isAnswered(step, answers) {
  switch (step.kind) {
    case "danger":
      return step.names.every((name) => answers.observations[name] !== undefined);
    case "observation":
      return answers.observations[step.question.name] !== undefined;
    case "score":
      return (answers.symptoms[step.symptom.symptom] || {})[step.item.attribute] !== undefined;
    case "vital":
      return step.vitals.every((vital) => answers.vitals[vital] !== undefined);
    case "body":
      return answers.body[step.symptom.symptom] !== undefined;
    default:
      return Boolean(answers.passed[step.id]);
  }
}

/** A per-term question names the CTCAE term in brackets; its screen has the symptom as title already. */
export function questionText(question) {
  if (!question.name.includes("__")) return question.text;
  return question.text.replace(/\s*[（(][^（()）]*[)）](?=[^（()）]*$)/u, "");
}

/**
 * Turn answers into a diary as the API takes it.
 *
 * Only what is still asked goes out: an answer to a question that a changed answer made void stays
 * behind. A question that was passed over is sent as not answered (null), or left out.
 */
export function diaryOf(answers, steps, { submissionId, zone, now, amends }) {
  const shown = new Set(steps.map((step) => step.id));
  const observations = {};
  for (const step of steps) {
    const names = step.kind === "danger" ? step.names : step.kind === "observation" ? [step.question.name] : [];
    for (const name of names) {
      const answer = answers.observations[name];
      if (answer !== undefined) observations[name] = answer;
    }
  }
  // Answers to questions that the team's computer asked after the first sending.
  Object.assign(observations, answers.asked_after || {});
  const symptoms = [];
  const marks = [];
  for (const [symptom, scores] of Object.entries(answers.symptoms)) {
    const said = Object.entries(scores).filter(
      ([attribute, score]) => score !== null && shown.has(`symptom/${symptom}/${attribute}`),
    );
    if (said.length) symptoms.push({ symptom, ...Object.fromEntries(said) });
  }
  for (const step of steps) {
    if (step.kind !== "body") continue;
    const regions = answers.body[step.symptom.symptom] || {};
    for (const [region, palms] of Object.entries(regions)) {
      marks.push({ symptom: step.symptom.symptom, region, palms: step.area ? palms : null });
    }
    const sum = palmsOf(regions);
    if (step.area && sum > 0) observations[step.area] = sum;
  }
  const vitals = Object.entries(answers.vitals)
    .filter(([, measured]) => measured)
    .map(([vital, { value, unit }]) => ({ vital, value, unit }));
  return {
    submission_id: submissionId,
    day: answers.day,
    reported_at: now.toISOString(),
    zone,
    symptoms,
    observations,
    vitals,
    ...(marks.length ? { body_map: marks } : {}),
    ...(answers.text.trim() ? { free_text: answers.text.trim() } : {}),
    ...(amends ? { amends } : {}),
  };
}

/** Add up the palms of a symptom's regions: percent of the body's surface, about. */
export function palmsOf(regions) {
  return Object.values(regions).reduce((sum, palms) => sum + (palms || 0), 0);
}

/** Say what is wrong with a measured number, or null: `{kind, ...}` for the page's words. */
export function vitalFault(limits, vital, value, unit) {
  if (!Number.isFinite(value)) return { kind: "not_a_number" };
  const own = limits.find((one) => one.vital === vital && one.unit === unit);
  const fits = (one) => (one.minimum ?? -Infinity) <= value && value <= (one.maximum ?? Infinity);
  if (!own || fits(own)) return null;
  const other = limits.find((one) => one.vital === vital && one.unit !== unit && fits(one));
  if (other) return { kind: "other_unit", unit: other.unit };
  return { kind: "out_of_range", low: own.minimum, high: own.maximum, unit };
}

/** Give the day (YYYY-MM-DD) of a moment in a zone. */
export function dayIn(zone, moment) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(moment);
}

/** Give the day so many days later. */
export function addDays(day, count) {
  const moved = new Date(`${day}T12:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + count);
  return moved.toISOString().slice(0, 10);
}

/** Give what is planned for a day: the window, or null where none is known. */
export function windowOf(plan, day) {
  return (plan && plan.windows.find((one) => one.day === day)) || null;
}

/** Give the symptoms to ask on a day: as planned, else the study's daily ones. */
export function asksOf(plan, study, day) {
  const window = windowOf(plan, day);
  return window && window.asks.length ? window.asks : study.diary.daily;
}
