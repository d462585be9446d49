// What was written: a calendar of the days, and one symptom's answers over six weeks.
import { html, useEffect, useRef, useState } from "../shared/ui.js";
import uPlot from "../vendor/uplot.js";
import { addDays, dayIn } from "./steps.js";

const SIGNS = { done: "✓", waiting: "▣", missed: "✕", due: "○", excused: "–", free: "" };
const DAYS = 42;

export function History({ words, device, plan, queue, diaries, instrument, language, offline }) {
  const today = dayIn(device.zone, new Date());
  const [month, setMonth] = useState(today.slice(0, 7));
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const first = `${month}-01`;
  const lead = (new Date(`${first}T12:00:00Z`).getUTCDay() + 6) % 7;
  const count = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  const days = Array.from({ length: count }, (_, index) => addDays(first, index));
  const move = (by) => setMonth(addDays(by > 0 ? addDays(first, 31) : addDays(first, -1), 0).slice(0, 7));
  const named = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "narrow", timeZone: "UTC" });
  return html`
    <h1 tabindex="-1">${words.history}</h1>
    ${offline && html`<p class="soft">${words.history_offline}</p>`}
    <section class="card" aria-labelledby="calendar">
      <h2 id="calendar">${words.calendar}</h2>
      <div class="month">
        <button class="quiet" aria-label=${words.earlier_month} onClick=${() => move(-1)}>‹</button>
        <strong role="status">${named.format(new Date(`${first}T12:00:00Z`))}</strong>
        <button class="quiet" aria-label=${words.later_month} disabled=${month >= today.slice(0, 7)} onClick=${() => move(1)}>›</button>
      </div>
      <ol class="calendar" role="list">
        ${Array.from({ length: 7 }, (_, index) => html`<li class="weekday" aria-hidden="true">${weekday.format(new Date(Date.UTC(2024, 0, 1 + index)))}</li>`)}
        ${Array.from({ length: lead }, () => html`<li aria-hidden="true"></li>`)}
        ${days.map((day) => {
          const state = day > today ? "free" : stateOf(day, plan, queue, diaries || []);
          return html`
            <li class="day ${state} ${day === today ? "now" : ""}">
              <span class="hidden">${words[`day_${state}`]}: </span>${Number(day.slice(8))}
              <span aria-hidden="true" class="sign">${SIGNS[state]}</span>
            </li>
          `;
        })}
      </ol>
      <ul class="legend" role="list">
        ${["done", "waiting", "missed", "due"].map((state) => html`<li><span class="day ${state}"><span class="sign">${SIGNS[state]}</span></span> ${words[`day_${state}`]}</li>`)}
      </ul>
    </section>
    ${instrument && diaries && html`<${Trend} words=${words} instrument=${instrument} diaries=${diaries} today=${today} locale=${locale} />`}
  `;
}

function stateOf(day, plan, queue, diaries) {
  const own = queue.filter((item) => item.kind === "diary" && item.day === day);
  if (own.some((item) => item.state === "received") || diaries.some((one) => one.day === day)) return "done";
  if (own.length) return "waiting";
  const window = plan && plan.windows.find((one) => one.day === day);
  if (!window) return "free";
  if (window.state === "excused") return "excused";
  return window.state.startsWith("done") ? "done" : window.state === "missed" ? "missed" : "due";
}

function Trend({ words, instrument, diaries, today, locale }) {
  const current = diaries.filter((one) => !one.superseded);
  const asked = instrument.symptoms.filter((one) =>
    one.items.some((item) => current.some((diary) => `${one.symptom}_${item.attribute}` in diary.scores)),
  );
  const [symptom, setSymptom] = useState(null);
  const chosen = asked.find((one) => one.symptom === symptom) || worst(asked, current);
  const place = useRef();
  const days = Array.from({ length: DAYS }, (_, index) => addDays(today, index - DAYS + 1));
  const item = chosen && (chosen.items.find((one) => one.attribute === "severity") || chosen.items[0]);
  const scores = chosen && days.map((day) => scoreOn(day, current, chosen, item));

  useEffect(() => {
    if (!chosen) return undefined;
    const labels = words[`score_${item.attribute}`];
    const at = days.map((day) => Date.parse(`${day}T12:00:00Z`) / 1000);
    const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
    const plot = new uPlot(
      {
        width: place.current.clientWidth,
        height: 200,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: [-0.2, item.highest + 0.2] }, x: { time: true } },
        axes: [
          { values: (_, ticks) => ticks.map((tick) => date.format(new Date(tick * 1000))), space: 70 },
          {
            size: 92,
            splits: () => labels.slice(0, item.highest + 1).map((_, score) => score),
            values: (_, ticks) => ticks.map((tick) => labels[tick]),
          },
        ],
        series: [{}, { stroke: "#0b5c6b", width: 2, points: { show: true, size: 7, fill: "#0b5c6b" }, spanGaps: false }],
      },
      [at, scores],
      place.current,
    );
    const box = place.current;
    const wider = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: 200 }));
    wider.observe(box);
    return () => {
      wider.disconnect();
      plot.destroy();
    };
  }, [chosen && chosen.symptom, diaries, words]);

  return html`
    <section class="card" aria-labelledby="trend">
      <h2 id="trend">${words.trend}</h2>
      ${chosen
        ? html`
            <label class="field">
              ${words.trend_of}
              <select value=${chosen.symptom} onChange=${(event) => setSymptom(event.target.value)}>
                ${asked.map((one) => html`<option value=${one.symptom}>${one.title}</option>`)}
              </select>
            </label>
            <p class="soft small">${words.trend_text}</p>
            <div ref=${place} class="plot" role="img" aria-label="${chosen.title}: ${spoken(days, scores, words, item)}"></div>
          `
        : html`<p>${words.trend_none}</p>`}
    </section>
  `;
}

function scoreOn(day, diaries, symptom, item) {
  const diary = diaries.find((one) => one.day === day);
  const score = diary && diary.scores[`${symptom.symptom}_${item.attribute}`];
  // Who said "never" was not asked how bad it was: that is none.
  const first = diary && diary.scores[`${symptom.symptom}_${symptom.items[0].attribute}`];
  return score ?? (first === 0 ? 0 : null);
}

function worst(asked, diaries) {
  const heaviness = (one) =>
    Math.max(0, ...diaries.slice(0, 7).flatMap((diary) => one.items.map((item) => diary.scores[`${one.symptom}_${item.attribute}`] || 0)));
  return [...asked].sort((one, other) => heaviness(other) - heaviness(one))[0];
}

function spoken(days, scores, words, item) {
  const labels = words[`score_${item.attribute}`];
  return days
    .map((day, index) => [day, scores[index]])
    .filter(([, score]) => score !== null)
    .slice(-7)
    .map(([day, score]) => `${day.slice(5)} ${labels[score]}`)
    .join(", ");
}
