// The kinds of question: a choice of words, a number, yes or no, a measurement, a photo, anything else.
import { html, useState } from "../shared/ui.js";
import { vitalFault } from "./steps.js";
import { unitName } from "./words.js";

// As the API takes them (backend/services/photo.py scales no higher).
const LONGEST_SIDE = 1600;
// The server takes a mebibyte: the first of these that stays below it.
const JPEG_QUALITIES = [0.85, 0.7, 0.5, 0.3];
const MOST_BYTES = 1024 * 1024;
const MOST_PHOTOS = 6;

/** Large buttons, one word each; a tap answers and goes on. */
function Choices({ choices, chosen, choose }) {
  return html`
    <ul class="choices" role="list">
      ${choices.map(
        ([value, text]) => html`
          <li>
            <button class="choice ${value === chosen ? "chosen" : ""}" aria-pressed=${String(value === chosen)} onClick=${() => choose(value)}>
              ${text}
            </button>
          </li>
        `,
      )}
    </ul>
  `;
}

function Skip({ words, skip, text }) {
  return html`<footer><button class="quiet wide" onClick=${skip}>${text || words.skip}</button></footer>`;
}

/** One PRO-CTCAE attribute of one symptom. */
export function Score({ step, answers, words, answer }) {
  const { symptom } = step.symptom;
  const { attribute, highest } = step.item;
  const scores = answers.symptoms[symptom] || {};
  const set = (score) =>
    answer({ ...answers, symptoms: { ...answers.symptoms, [symptom]: { ...scores, [attribute]: score } } });
  const choices = words[`score_${attribute}`].slice(0, highest + 1).map((text, score) => [score, text]);
  return html`
    <p class="soft">${step.symptom.title}</p>
    <${Choices} choices=${choices} chosen=${scores[attribute]} choose=${set} />
    <${Skip} words=${words} skip=${() => set(null)} />
  `;
}

/** One plain question; its answer's type says how it is asked. */
export function Observation({ step, answers, words, answer }) {
  const { question, title } = step;
  const chosen = answers.observations[question.name];
  const set = (value) => answer({ ...answers, observations: { ...answers.observations, [question.name]: value } });
  return html`
    ${title && html`<p class="soft">${title}</p>`}
    <${Answer} question=${question} chosen=${chosen} set=${set} words=${words} />
    <${Skip} words=${words} skip=${() => set(null)} />
  `;
}

export function Answer({ question, chosen, set, words }) {
  if (question.type === "boolean") {
    return html`<${Choices} choices=${[[false, words.no], [true, words.yes]]} chosen=${chosen} choose=${set} />`;
  }
  if (question.type === "choice") {
    return html`<${Choices} choices=${Object.entries(question.choice_titles)} chosen=${chosen} choose=${set} />`;
  }
  return html`<${Count} question=${question} chosen=${chosen} set=${set} words=${words} />`;
}

export function observationUnit(question, words) {
  return question.unit === "/d" ? words.unit_d : unitName(question.unit);
}

/** A number with large buttons beside it, for thumbs that do not want to type. */
function Count({ question, chosen, set, words }) {
  const [text, setText] = useState(chosen === undefined || chosen === null ? "" : String(chosen));
  const [fault, setFault] = useState(null);
  const least = question.minimum ?? 0;
  const most = question.maximum ?? Infinity;
  const unit = observationUnit(question, words);
  const step = (by) => {
    const now = text === "" ? (by > 0 ? least : least) : Math.round(Number(text)) + by;
    setText(String(Math.min(most, Math.max(least, Number.isFinite(now) ? now : least))));
    setFault(null);
  };
  const go = (event) => {
    event.preventDefault();
    const value = numberOf(text);
    if (!Number.isFinite(value)) return setFault(words.not_a_number);
    if (value < least || value > most) return setFault(words.out_of_range(least, most, unit));
    return set(value);
  };
  return html`
    <form onSubmit=${go}>
      <div class="stepper">
        <button type="button" class="quiet" onClick=${() => step(-1)} aria-label=${words.less}>−</button>
        <input inputmode="decimal" size="4" value=${text} onInput=${(event) => setText(event.target.value)} aria-label=${question.text} aria-invalid=${String(Boolean(fault))} />
        <button type="button" class="quiet" onClick=${() => step(1)} aria-label=${words.more}>+</button>
      </div>
      <p class="center soft">${unit}</p>
      ${fault && html`<p class="notice urgent" role="alert">${fault}</p>`}
      <button class="wide big" disabled=${text === ""}>${words.next}</button>
    </form>
  `;
}

/** Read a number as people type it: with a comma, with Chinese full-width digits. */
export function numberOf(text) {
  const plain = text.normalize("NFKC").trim().replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}

/** Measurements of one device on one screen, each with its unit and a check of both. */
export function Vital({ step, answers, words, instrument, answer }) {
  const limits = instrument.vital_limits;
  const [typed, setTyped] = useState(() =>
    Object.fromEntries(
      step.vitals.map((vital) => {
        const known = answers.vitals[vital];
        const unit = (known && known.unit) || rememberedUnit(vital) || instrument.vitals[vital][0];
        return [vital, { text: known ? String(known.value) : "", unit }];
      }),
    ),
  );
  const [faults, setFaults] = useState({});
  const change = (vital, part) => {
    setTyped({ ...typed, [vital]: { ...typed[vital], ...part } });
    setFaults({});
  };
  const settle = (measured) => answer({ ...answers, vitals: { ...answers.vitals, ...measured } });
  const go = (event) => {
    event.preventDefault();
    const found = {};
    const measured = {};
    for (const vital of step.vitals) {
      const { text, unit } = typed[vital];
      measured[vital] = null;
      if (text.trim() === "") continue;
      const value = numberOf(text);
      const fault = vitalFault(limits, vital, value, unit);
      if (fault) found[vital] = fault;
      else measured[vital] = { value, unit };
    }
    const upper = measured.systolic_bp;
    const lower = measured.diastolic_bp;
    if (upper && lower && upper.value <= lower.value) found.diastolic_bp = { kind: "pressure_order" };
    setFaults(found);
    if (Object.keys(found).length) return;
    for (const vital of step.vitals) rememberUnit(vital, typed[vital].unit);
    settle(measured);
  };
  return html`
    <form onSubmit=${go} novalidate>
      ${step.vitals.map((vital) => {
        const units = instrument.vitals[vital];
        const fault = faults[vital];
        const id = `vital-${vital}`;
        return html`
          <div class="measure">
            <label for=${id}>${words[vital]}</label>
            <div class="row">
              <input
                id=${id}
                inputmode="decimal"
                size="6"
                value=${typed[vital].text}
                onInput=${(event) => change(vital, { text: event.target.value })}
                aria-invalid=${String(Boolean(fault))}
                aria-describedby=${fault ? `${id}-fault` : undefined}
              />
              ${units.length > 1
                ? html`
                    <span class="units" role="group" aria-label=${words.unit_label}>
                      ${units.map(
                        (unit) => html`
                          <button
                            type="button"
                            class=${unit === typed[vital].unit ? "" : "quiet"}
                            aria-pressed=${String(unit === typed[vital].unit)}
                            onClick=${() => change(vital, { unit })}
                          >
                            ${unitName(unit)}
                          </button>
                        `,
                      )}
                    </span>
                  `
                : html`<span class="unit">${unitName(units[0])}</span>`}
            </div>
            ${fault &&
            html`
              <div id="${id}-fault" class="notice urgent" role="alert">
                ${fault.kind === "other_unit"
                  ? html`<button type="button" class="quiet" onClick=${() => change(vital, { unit: fault.unit })}>${words.other_unit(unitName(fault.unit))}</button>`
                  : faultText(fault, words)}
              </div>
            `}
          </div>
        `;
      })}
      <button class="wide big" disabled=${step.vitals.every((vital) => typed[vital].text.trim() === "")}>${words.next}</button>
    </form>
    <${Skip}
      words=${words}
      text=${words.not_measured}
      skip=${() => settle(Object.fromEntries(step.vitals.map((vital) => [vital, null])))}
    />
  `;
}

function faultText(fault, words) {
  if (fault.kind === "out_of_range") return words.out_of_range(fault.low, fault.high, unitName(fault.unit));
  return words[fault.kind];
}

// A household's thermometer keeps its unit.
function rememberedUnit(vital) {
  return localStorage.getItem(`unit/${vital}`);
}

function rememberUnit(vital, unit) {
  localStorage.setItem(`unit/${vital}`, unit);
}

/** A photo, drawn anew at a modest size: what a camera writes beside it never leaves the phone. */
export function Photo({ step, answers, words, keep, pass }) {
  const [fault, setFault] = useState(null);
  const own = answers.photos.filter((photo) => photo.symptom === step.symptom.symptom);
  const take = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      const blob = await smaller(file);
      const photo = { id: crypto.randomUUID(), symptom: step.symptom.symptom, kind: step.photo, blob };
      setFault(null);
      keep({ ...answers, photos: [...answers.photos, photo] });
    } catch {
      setFault(words.photo_bad);
    }
  };
  const remove = (id) => keep({ ...answers, photos: answers.photos.filter((photo) => photo.id !== id) });
  return html`
    <p class="soft">${step.symptom.title}</p>
    <p>${words.photo_text}</p>
    <ul class="photos" role="list">
      ${own.map(
        (photo, number) => html`
          <li key=${photo.id}>
            <${Picture} blob=${photo.blob} text=${words.photo_alt(number + 1)} />
            <button class="quiet" onClick=${() => remove(photo.id)}>${words.photo_remove}</button>
          </li>
        `,
      )}
    </ul>
    ${fault && html`<p class="notice urgent" role="alert">${fault}</p>`}
    ${answers.photos.length < MOST_PHOTOS &&
    html`
      <label class="button wide big quiet">
        ${own.length ? words.photo_again : words.photo_take}
        <input class="hidden" type="file" accept="image/*" capture="environment" onChange=${take} />
      </label>
    `}
    <footer><button class="wide big" onClick=${() => pass(answers)}>${own.length ? words.next : words.photo_none}</button></footer>
  `;
}

function Picture({ blob, text }) {
  const [url] = useState(() => URL.createObjectURL(blob));
  return html`<img src=${url} alt=${text} />`;
}

async function smaller(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  for (const quality of JPEG_QUALITIES) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= MOST_BYTES) return blob;
  }
  throw new Error("no picture of a size that can be sent");
}

/** What else bothers the patient: other symptoms of the instrument, and plain words. */
export function More({ answers, words, instrument, keep, pass }) {
  const [search, setSearch] = useState("");
  const asked = new Set(Object.keys(answers.symptoms));
  const found = instrument.symptoms.filter(
    (one) =>
      answers.extra.includes(one.symptom) ||
      (!asked.has(one.symptom) && one.title.toLowerCase().includes(search.trim().toLowerCase())),
  );
  const toggle = (id) =>
    keep({
      ...answers,
      extra: answers.extra.includes(id) ? answers.extra.filter((one) => one !== id) : [...answers.extra, id],
    });
  return html`
    <p>${words.more_text}</p>
    <label class="field">
      ${words.more_search}
      <input type="search" value=${search} onInput=${(event) => setSearch(event.target.value)} />
    </label>
    <ul class="choices tight" role="list">
      ${found.map(
        (one) => html`
          <li key=${one.symptom}>
            <label class="choice ${answers.extra.includes(one.symptom) ? "chosen" : ""}">
              <input type="checkbox" checked=${answers.extra.includes(one.symptom)} onChange=${() => toggle(one.symptom)} />
              <span>${one.title}</span>
            </label>
          </li>
        `,
      )}
    </ul>
    <label class="field">
      ${words.more_free}
      <textarea rows="3" maxlength="2000" value=${answers.text} onInput=${(event) => keep({ ...answers, text: event.target.value })} aria-describedby="free-hint"></textarea>
    </label>
    <p id="free-hint" class="soft">${words.more_free_hint}</p>
    <footer><button class="wide big" onClick=${() => pass(answers)}>${words.next}</button></footer>
  `;
}
