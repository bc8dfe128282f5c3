// Numbers arrive as decimal text and stay decimal text: no float ever touches money that is shown.

const MINUS = "\u2212";
let zone = "UTC";

export const zoneName = () => zone;

export function setZone(name) {
  zone = name;
  formats.clear();
}

export function split(text) {
  const negative = text.startsWith("-");
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  return { negative, whole, fraction };
}

// The decimal rounded half-up to `places`; exact on any length.
export function round(text, places) {
  const { negative, whole, fraction } = split(text);
  if (fraction.length <= places) return `${negative ? "-" : ""}${whole}${places ? `.${fraction.padEnd(places, "0")}` : ""}`;
  const kept = BigInt(whole + fraction.slice(0, places)) + (fraction[places] >= "5" ? 1n : 0n);
  const digits = kept.toString().padStart(places + 1, "0");
  const cut = digits.length - places;
  const sign = negative && kept !== 0n ? "-" : "";
  return `${sign}${digits.slice(0, cut)}${places ? `.${digits.slice(cut)}` : ""}`;
}

// Every digit, with thousands apart.
export function group(text) {
  if (text === null || text === undefined || text === "") return "\u2013";
  const { negative, whole, fraction } = split(text);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${negative ? MINUS : ""}${grouped}${fraction ? `.${fraction}` : ""}`;
}

// A price to read: an average with a long tail is cut to seven digits that matter, a quoted one is left alone.
export function price(text) {
  if (text === null || text === undefined) return "\u2013";
  return split(text).fraction.length <= 10 ? group(text) : group(digits(text, 7, 2));
}

// The decimal rounded to its first `count` digits, but to no fewer than `least` places; no zeros at its end.
export function digits(text, count, least = 0) {
  const { whole, fraction } = split(text);
  const lead = whole === "0" ? fraction.search(/[1-9]/) : -whole.length;
  const cut = round(text, Math.max(least, count + lead));
  return cut.includes(".") ? cut.replace(/\.?0+$/, "") : cut;
}

// A sentence of Zyn's with the signs that print has for what a keyboard writes.
export const typeset = (text) => text.replace(/>=/g, "\u2265").replace(/<=/g, "\u2264").replace(/(^|[\s(])-(?=\d)/g, `$1${MINUS}`).replace(/(\d) %/g, "$1\u202f%");

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const money = (text, places = 2) => (text === null || text === undefined ? "\u2013" : group(round(text, places)));

export function signed(text, places = 2) {
  const shown = money(text, places);
  return sign(text) > 0 ? `+${shown}` : shown;
}

export function sign(text) {
  if (!text || !/[1-9]/.test(text)) return 0;
  return text.startsWith("-") ? -1 : 1;
}

// A share such as 0.0123 as +1.23 %.
export function percent(text, places = 2, plus = true) {
  if (text === null || text === undefined) return "\u2013";
  const shown = `${money(timesHundred(text), places)}\u202f%`;
  return plus && sign(text) > 0 ? `+${shown}` : shown;
}

function timesHundred(text) {
  const { negative, whole, fraction } = split(text);
  const padded = fraction.padEnd(2, "0");
  const digits = `${whole}${padded.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  return `${negative ? "-" : ""}${digits}${padded.length > 2 ? `.${padded.slice(2)}` : ""}`;
}

export const tone = (text) => ["loss", "flat", "gain"][sign(text) + 1];

const formats = new Map();

function format(name, options) {
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options }));
  return formats.get(name);
}

export const clock = (ms) => format("clock", { hour: "2-digit", minute: "2-digit" }).format(ms);
export const seconds = (ms) => format("seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
export const day = (ms) => format("day", { day: "numeric", month: "short" }).format(ms);
export const full = (ms) =>
  format("full", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);

// A moment as a reader wants it: the time today, else the day as well.
export function moment(iso, nowMs) {
  const ms = Date.parse(iso);
  return day(ms) === day(nowMs) ? clock(ms) : `${day(ms)}, ${clock(ms)}`;
}

// The same in lines of their own, for a narrow column: the time, and the day of another one above it.
export function momentLines(iso, nowMs) {
  const ms = Date.parse(iso);
  return day(ms) === day(nowMs) ? [clock(ms)] : [day(ms), clock(ms)];
}

export const count = (number, noun) => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;

export function span(ms) {
  const total = Math.max(0, Math.round(ms / 1000));
  if (total < 90) return `${total} s`;
  if (total < 5400) return `${Math.round(total / 60)} min`;
  if (total < 129_600) return `${Math.round(total / 3600)} h`;
  return `${Math.round(total / 86_400)} days`;
}

export function countdown(ms) {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(total / 60);
  return `${String(minutes).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
}
