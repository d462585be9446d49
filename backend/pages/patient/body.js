// The body's drawing, front and back: where it is, and how many palms it covers.
import { html, useState } from "../shared/ui.js";
import { palmsOf } from "./steps.js";

// One shape per region on a field of 120 by 260; the right side of the person is on the left of the
// front view, as in a mirror's opposite. Numbers are of this drawing alone.
const SHAPES = {
  head_front: ["ellipse", 60, 24, 15, 19],
  head_back: ["ellipse", 60, 24, 15, 19],
  neck_front: ["rect", 53, 43, 14, 10],
  neck_back: ["rect", 53, 43, 14, 10],
  chest: ["rect", 40, 54, 40, 34],
  abdomen: ["rect", 42, 89, 36, 34],
  upper_back: ["rect", 40, 54, 40, 34],
  lower_back: ["rect", 42, 89, 36, 26],
  buttocks: ["rect", 40, 116, 40, 22],
  perineum: ["rect", 53, 124, 14, 14],
  arm_upper_front: ["rect", 84, 58, 12, 38],
  arm_upper_back: ["rect", 84, 58, 12, 38],
  arm_lower_front: ["rect", 88, 97, 11, 36],
  arm_lower_back: ["rect", 88, 97, 11, 36],
  hand_palm: ["ellipse", 96, 143, 8, 10],
  hand_back: ["ellipse", 96, 143, 8, 10],
  thigh_front: ["rect", 62, 140, 18, 46],
  thigh_back: ["rect", 62, 140, 18, 46],
  leg_lower_front: ["rect", 63, 188, 15, 46],
  leg_lower_back: ["rect", 63, 188, 15, 46],
  foot_top: ["ellipse", 72, 244, 11, 8],
  foot_sole: ["ellipse", 72, 244, 11, 8],
};
const WIDTH = 120;

export function Body({ step, answers, words, instrument, keep, answer }) {
  const [view, setView] = useState("front");
  const symptom = step.symptom.symptom;
  const marked = answers.body[symptom] || {};
  const set = (regions) => keep({ ...answers, body: { ...answers.body, [symptom]: regions } });
  const toggle = (id) => {
    const { [id]: known, ...rest } = marked;
    set(known === undefined ? { ...marked, [id]: step.area ? 1 : null } : rest);
  };
  const shown = instrument.body_regions.filter((one) => one.view === view);
  const title = (id) => instrument.body_regions.find((one) => one.id === id).title;
  return html`
    <p>${words.body_text}</p>
    <div class="views" role="group">
      ${["front", "back"].map(
        (one) => html`
          <button class=${one === view ? "" : "quiet"} aria-pressed=${String(one === view)} onClick=${() => setView(one)}>
            ${words[`body_${one}`]}
          </button>
        `,
      )}
    </div>
    <div class="bodymap">
      <svg viewBox="0 0 120 260" aria-hidden="true">
        ${shown.map((one) => html`<${Region} key=${one.id} region=${one} chosen=${one.id in marked} toggle=${() => toggle(one.id)} />`)}
      </svg>
      <ul class="regions" role="list">
        ${shown.map(
          (one) => html`
            <li key=${one.id}>
              <label class="choice small ${one.id in marked ? "chosen" : ""}">
                <input type="checkbox" checked=${one.id in marked} onChange=${() => toggle(one.id)} />
                <span>${one.title}</span>
              </label>
            </li>
          `,
        )}
      </ul>
    </div>
    ${step.area &&
    Object.keys(marked).length > 0 &&
    html`
      <section class="card">
        <h2>${words.palms}</h2>
        <p class="soft">${words.palms_hint}</p>
        ${Object.entries(marked).map(
          ([id, palms]) => html`
            <div class="palms" key=${id}>
              <span>${title(id)}</span>
              <span class="stepper small">
                <button class="quiet" aria-label="${title(id)}: ${words.less}" onClick=${() => set({ ...marked, [id]: Math.max(0.5, palms - 0.5) })}>−</button>
                <output>${palms}</output>
                <button class="quiet" aria-label="${title(id)}: ${words.more}" onClick=${() => set({ ...marked, [id]: palms + Math.min(0.5, 100 - palmsOf(marked)) })}>+</button>
              </span>
            </div>
          `,
        )}
        <p role="status"><strong>${words.palms_sum(palmsOf(marked))}</strong></p>
      </section>
    `}
    <footer>
      <button class="wide big" onClick=${() => answer(answers)} disabled=${!Object.keys(marked).length}>${words.next}</button>
      <button class="wide quiet" onClick=${() => answer({ ...answers, body: { ...answers.body, [symptom]: {} } })}>${words.skip}</button>
    </footer>
  `;
}

function Region({ region, chosen, toggle }) {
  const kind = region.id.replace(/^(left|right)_/, "");
  const [shape, x, y, width, height] = SHAPES[kind];
  // Shapes are drawn for the right of the picture: in front that is the person's left.
  const onRight = (region.side === "left") === (region.view === "front");
  const middle = region.side === "middle";
  const flip = middle || onRight ? undefined : `translate(${WIDTH} 0) scale(-1 1)`;
  const drawn = { class: `region ${chosen ? "chosen" : ""}`, transform: flip, onClick: toggle };
  return shape === "rect"
    ? html`<rect x=${x} y=${y} width=${width} height=${height} rx="5" ...${drawn} />`
    : html`<ellipse cx=${x} cy=${y} rx=${width} ry=${height} ...${drawn} />`;
}
