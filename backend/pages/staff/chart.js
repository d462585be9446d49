// Trends with uPlot: labelled axes with units, limits as lines, days of treatment as marks.
import uPlot from "../vendor/uplot.js";
import { html, useEffect, useRef } from "../shared/ui.js";

const HEIGHT = 190;
const NOON = "T12:00:00Z";

/**
 * Draw one quantity over days.
 *
 * `points`: [{day, value}], `limits`: [{value, label}], `marks`: [{day, label}] (treatments),
 * `labels`: words for whole scores instead of numbers. A day without a value is a gap, never 0.
 */
export function Chart({ title, unit, points, limits = [], marks = [], labels = null, low = null, high = null }) {
  const place = useRef();
  useEffect(() => {
    if (!points.length) return undefined;
    const first = points[0].day;
    const last = points.at(-1).day;
    const days = daysBetween(first, last);
    const values = new Map(points.map((one) => [one.day, one.value]));
    const options = {
      width: place.current.clientWidth || 400,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { size: 8 } },
      scales: { x: { time: true }, y: { range: (_, least, most) => span(least, most, limits, low, high) } },
      axes: [
        { values: (_, ticks) => ticks.map(dayOf), space: 60 },
        labels
          ? { size: 110, splits: () => labels.map((_, score) => score), values: (_, ticks) => ticks.map((tick) => labels[tick]) }
          : { size: 60, label: unit || "", labelSize: 18, labelGap: 0 },
      ],
      series: [
        {},
        { label: title, stroke: "#0b5c6b", width: 2, spanGaps: false, points: { show: true, size: 6, fill: "#0b5c6b" } },
        ...limits.map((limit) => ({ label: limit.label, stroke: "#a1122b", width: 1.5, dash: [6, 4], points: { show: false } })),
      ],
      hooks: { draw: [(plot) => drawMarks(plot, marks)] },
    };
    const data = [
      days.map(seconds),
      days.map((day) => values.get(day) ?? null),
      ...limits.map((limit) => days.map(() => limit.value)),
    ];
    const plot = new uPlot(options, data, place.current);
    const box = place.current;
    const wider = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
    wider.observe(box);
    return () => {
      wider.disconnect();
      plot.destroy();
    };
  }, [points, limits, marks]);
  const latest = points.at(-1);
  const say = (value) => (labels ? labels[value] : `${value} ${unit || ""}`);
  return html`
    <figure class="chart">
      <figcaption>
        <strong>${title}</strong>${unit && !labels ? html` <span class="soft">${unit}</span>` : ""}
        ${latest ? html` <span>· last: ${say(latest.value)} on ${dayOf(seconds(latest.day))}</span>` : html` <span class="soft">· no value known</span>`}
        ${limits.map((limit) => html` <span class="limit">– – ${limit.label}</span>`)}
      </figcaption>
      ${points.length > 0 &&
      html`<div ref=${place} role="img" aria-label="${title}: ${points.slice(-7).map((one) => `${one.day.slice(5)} ${say(one.value)}`).join(", ")}"></div>`}
    </figure>
  `;
}

function seconds(day) {
  return Date.parse(day + NOON) / 1000;
}

function dayOf(at) {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(at * 1000));
}

function daysBetween(first, last) {
  const days = [];
  for (let at = seconds(first); at <= seconds(last); at += 86_400) days.push(new Date(at * 1000).toISOString().slice(0, 10));
  return days;
}

function span(least, most, limits, low, high) {
  const all = [least, most, ...limits.map((limit) => limit.value)].filter((value) => value !== null && Number.isFinite(value));
  const from = low ?? Math.min(...all);
  const to = high ?? Math.max(...all);
  const room = (to - from || 1) * 0.12;
  return [from - room, to + room];
}

function drawMarks(plot, marks) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = "#5c7279";
  ctx.fillStyle = "#35464b";
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
  let after = -Infinity;
  for (const mark of marks) {
    const x = plot.valToPos(seconds(mark.day), "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (x > after) {
      ctx.fillText(mark.label, x + 3, bbox.top + 11 * devicePixelRatio);
      after = x + ctx.measureText(mark.label).width + 8;
    }
  }
  ctx.restore();
}
