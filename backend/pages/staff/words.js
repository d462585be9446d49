// How the study team's pages say tiers, states, times and names.

// Severity is told by a sign and a word; the colour only helps.
export const TIERS = {
  emergency: ["▲▲", "Emergency"],
  urgent: ["▲", "Urgent"],
  same_day: ["◆", "Same day"],
  routine: ["●", "Routine"],
};
export const TIER_ORDER = Object.keys(TIERS);

export const STATES = { new: "nobody has it", acknowledged: "taken", acted: "being acted on", closed: "closed" };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Say a length of time in the two largest words that matter: "3 h 20 min". */
export function span(milliseconds) {
  const left = Math.max(0, milliseconds);
  if (left < MINUTE) return "under 1 min";
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min`;
  if (left < DAY) return `${Math.floor(left / HOUR)} h ${Math.floor((left % HOUR) / MINUTE)} min`;
  return `${Math.floor(left / DAY)} d ${Math.floor((left % DAY) / HOUR)} h`;
}

/** Say a moment on this screen's clock. */
export function moment(iso) {
  if (!iso) return "–";
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

/** Turn a machine's name into words: `shortness_of_breath_severity` → "shortness of breath severity". */
export function plain(name) {
  return name.replace(/__/g, ": ").replace(/_/g, " ");
}

// Units by the end of a fact's name; a name without one has none.
const UNITS = {
  _percent: "%",
  _mmhg: "mmHg",
  _bpm: "/min",
  _c: "°C",
  _f: "°F",
  _kg: "kg",
  _mg_m2: "mg/m²",
  _per_day: "/day",
  _min: "min",
};

/** Say a fact with its value and unit. */
export function fact(name, value) {
  const unit = Object.entries(UNITS).find(([end]) => name.endsWith(end));
  const said = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  const title = plain(unit ? name.slice(0, -unit[0].length) : name);
  return { title, value: unit ? `${said} ${unit[1]}` : said };
}

export const ATTRIBUTES = {
  frequency: ["never", "rarely", "sometimes", "often", "almost all the time"],
  severity: ["none", "mild", "moderate", "severe", "very severe"],
  interference: ["not at all", "a little", "somewhat", "quite a lot", "very much"],
  amount: ["none", "a little", "some", "a lot", "very much"],
  presence: ["no", "yes"],
};
