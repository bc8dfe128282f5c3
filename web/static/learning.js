// What was learned: claims with their evidence, what only looks like something, and how far each question is.

import { fill, h } from "./dom.js";
import { count as counted, sentence, typeset } from "./format.js";

const LABELS = { session: "Time of day", symbol: "Coin", strength: "Strength of the cross", side: "Spread", weekend: "Weekend", vol: "Volatility", trend: "Trend", all: "The whole strategy" };
const r = (value) => `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(2)} R`;
const count = (value) => value.toLocaleString("en-GB");

export function showLearning(box, { text, data }, act) {
  if (!data.rule) return fill(box, text.split("\n").map((line) => h("p", {}, line)));
  return fill(
    box,
    standing(data, act),
    h("h3", {}, "Lessons"),
    data.claims.length ? h("ul", { class: "claims" }, data.claims.map((one) => claim(one, act))) : h("p", { class: "muted" }, "No lesson yet: nothing tells good trades from bad ones beyond chance."),
    h("h3", {}, "Open questions"),
    h("ul", { class: "questions" }, data.questions.map(question)),
    data.observations.length > 0 && [h("h3", {}, "How it looks, not yet evidence"), observations(data.observations, data.claims)],
    h("p", { class: "muted" }, "1 R is what a trade puts at risk: the way from its entry to its stop. 95\u202f% says between which values the true mean lies that surely; n is how many outcomes it rests on."),
    data.backfill && h("p", { class: "muted" }, `Recorded candles alone, kept apart: ${counted(data.backfill.outcomes, "outcome")}, ${counted(data.backfill.claims.length, "claim")}.`),
  );
}

function standing(data, act) {
  const acts = !data.frozen;
  const own = data.agreement;
  const agrees = own.own_trades > 1 ? `own trades against their shadows ${r(own.mean_r)} (95\u202f% ${r(own.low)} to ${r(own.high)}, n = ${own.own_trades})` : `${counted(own.own_trades, "own trade")} beside their shadows`;
  return h(
    "div",
    { class: "row" },
    h("p", {}, h("span", { class: `chip ${acts ? "gain" : "warn"}` }, acts ? "Acts, downwards only" : "Does not act"), " ", h("span", { class: "muted" }, `${counted(data.outcomes, "followed signal")}, ${agrees}. ${data.frozen ? sentence(data.frozen) + "." : ""}`)),
    h("div", { class: "deeds" },
      data.on ? h("button", { class: "small", onclick: () => act({ action: "off" }) }, "Stop acting on it") : h("button", { class: "small primary", onclick: () => act({ action: "on" }) }, "Let it act"),
      h("button", { class: "small ghost", onclick: () => act({ action: "reset" }) }, "Forget all")),
  );
}

function state(one) {
  if (one.withdrawn !== null) return ["Withdrawn", ""];
  if (one.undone) return ["Taken back", "warn"];
  return one.acts ? ["\u00d70 on its signals", "accent"] : ["\u00d71, does not act", ""];
}

function claim(one, act) {
  const [word, kind] = state(one);
  const facts = [["effect", r(one.effect_r)], ["95\u202f%", `${r(one.low)} to ${r(one.high)}`], ["n", count(one.n)], ["evidence", one.evidence < 1e6 ? `1:${count(Math.round(one.evidence))}` : "beyond 1:1,000,000"], [one.saved_r < 0 ? "cost" : "saved", `${Math.abs(one.saved_r).toFixed(1)} R`]];
  const undo = one.withdrawn === null && !one.undone && h("button", { class: "small", "aria-label": `Undo lesson ${one.number}`, onclick: () => act({ action: "undo", number: one.number }) }, "Undo");
  return h(
    "li",
    {},
    h("div", { class: "row" }, h("p", {}, h("strong", {}, `Lesson ${one.number}: ${LABELS[one.feature] ?? one.feature}`), " ", h("span", { class: `chip ${kind}` }, word)), undo),
    h("p", { class: "muted" }, typeset(one.text)),
    h("dl", { class: "facts small" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
  );
}

function question(one) {
  const share = one.needed ? Math.min(100, (100 * one.n) / one.needed) : 0;
  const told = one.needed ? `${count(one.n)} of about ${count(one.needed)} outcomes` : `${counted(one.n, "outcome")}; how many it takes is not known yet`;
  return h(
    "li",
    {},
    h("span", {}, LABELS[one.feature] ?? one.feature),
    h("div", { class: "meter", role: "meter", "aria-label": LABELS[one.feature] ?? one.feature, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(share)), "aria-valuetext": told, vars: { "--left": `${share}%` } }, h("i", {})),
    h("span", { class: "muted" }, told),
  );
}

// The interval on one scale for all, zero in its middle; pixels only.
function observations(rows, claims) {
  const most = Math.max(0.1, ...rows.flatMap((one) => [Math.abs(one.low), Math.abs(one.high)]));
  const at = (value) => `${(50 + (50 * Math.max(-most, Math.min(most, value))) / most).toFixed(2)}%`;
  const stopped = (one) => claims.some((claim) => claim.acts && (claim.feature === "all" || (claim.feature === one.feature && claim.worse.includes(one.value))));
  const line = (one) =>
    h(
      "tr",
      {},
      h("td", { class: "bare" }, `${LABELS[one.feature] ?? one.feature}: ${one.name}`),
      h("td", { class: "num", data: { label: "Outcomes" } }, count(one.n)),
      h("td", { class: "num", data: { label: "Mean" } }, r(one.mean_r)),
      h("td", { class: "bare" }, h("span", { class: "whisker", role: "img", "aria-label": `${r(one.low)} to ${r(one.high)}`, title: `${r(one.low)} to ${r(one.high)}`, vars: { "--low": at(one.low), "--high": at(one.high), "--at": at(one.mean_r) } })),
      h("td", { class: "num", data: { label: "Multiplier" } }, stopped(one) ? "\u00d70" : "\u00d71"),
    );
  const head = h("tr", {}, [["Where", ""], ["Outcomes", "num"], ["Mean", "num"], ["95\u202f% interval", ""], ["Multiplier", "num"]].map(([name, kind]) => h("th", { scope: "col", class: kind }, name)));
  return h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": "Observations" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows.map(line))));
}
