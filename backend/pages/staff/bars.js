// A small bar chart that is a list: read aloud as well as seen.
import { html } from "../shared/ui.js";

export function Bars({ title, unit, bars, most = null }) {
  const top = most || Math.max(1, ...bars.map((one) => one.value));
  if (!bars.length) return html`<p>Nothing to count yet.</p>`;
  return html`
    <figure class="bars">
      <figcaption class="soft small">${title} (${unit}, full width = ${top})</figcaption>
      <ul role="list">
        ${bars.map(
          (one) => html`
            <li>
              <span>${one.label}</span>
              <progress value=${one.value} max=${top} aria-label=${one.label}></progress>
              <span>${one.text}</span>
            </li>
          `,
        )}
      </ul>
    </figure>
  `;
}
