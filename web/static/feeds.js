// Decisions with every filter's verdict, alerts, and the small lists beside them.

import { h, icon, ICONS, reconcile } from "./dom.js";
import { digits, full, group, moment, momentLines, money, sentence, typeset } from "./format.js";

const VERDICTS = {
  entered: ["Bought", "gain"],
  exited: ["Sold", "accent"],
  filtered: ["Filtered out", "warn"],
  refused: ["Refused", "warn"],
  failed: ["Failed", "loss"],
  hold: ["Hold", ""],
};

export const FILTERS = { trend: "Trend", rsi: "RSI", volume: "Volume", volatility: "Volatility", chop: "Chop", atr_spike: "ATR spike" };

export function showDecisions(list, rows, nowMs) {
  const open = new Set([...list.querySelectorAll("details[open]")].map((one) => one.parentElement.dataset.key));
  if (!rows.length) return empty(list, "No signal yet.", "Every closed candle is judged; what crosses shows up here with its reasons.");
  reconcile(list, rows.slice(0, 60), (row) => `${row.symbol}@${row.candle}`, (row) => decision(row, nowMs, open.has(`${row.symbol}@${row.candle}`)));
}

function decision(row, nowMs, open) {
  const [word, kind] = VERDICTS[row.verdict] ?? [row.verdict, ""];
  const head = h("span", { class: "head" }, row.symbol, h("span", { class: `chip ${kind}` }, word));
  const line = h("summary", {}, stamp(row.decided, nowMs), h("div", {}, head, h("p", { class: "body" }, typeset(sentence(row.reason)))));
  const details = h("details", { open }, line, filters(row.filters), numbers(row));
  return h("li", {}, details);
}

export function filters(rows) {
  if (!rows.length) return h("p", { class: "numbers" }, "No filter was asked: nothing crossed.");
  return h("ul", { class: "verdicts" }, rows.map((row) =>
    h(
      "li",
      { class: row.passed ? "yes" : "no" },
      icon(row.passed ? ICONS.check : ICONS.cross, 15),
      h("span", {}, FILTERS[row.name] ?? row.name, h("span", { class: "visually-hidden" }, row.passed ? " passed" : " failed")),
      h("span", { class: "muted", title: row.flip }, typeset(`${row.shown}, needs ${row.needed}`)),
    ),
  ));
}

function numbers(row) {
  const facts = [["close", group(row.close)], ["fast SMA", short(row.sma_fast)], ["slow SMA", short(row.sma_slow)], ["RSI", shortNumber(row.rsi)], ["ATR", short(row.atr)]];
  return h("p", { class: "numbers" }, facts.map(([name, value]) => h("span", {}, `${name} ${value}`)));
}

const short = (text) => group(digits(text, 7));
const shortNumber = (value) => (value === null ? "\u2013" : group(String(Number(value.toPrecision(4)))));
const stamp = (iso, nowMs) => h("time", { datetime: iso, title: full(Date.parse(iso)) }, momentLines(iso, nowMs).map((line) => h("span", {}, line, " ")));

export function showAlerts(list, rows, nowMs) {
  if (!rows.length) return empty(list, "Nothing to tell.", "Fills, stops and troubles are told here and on the phone.");
  reconcile(list, rows.slice(0, 60), (row) => row.id, (row) => alert(row, nowMs));
}

const SEVERITY = { critical: ["Critical", "loss"], warning: ["Warning", "warn"], trade: ["Trade", "accent"] };

function alert(row, nowMs) {
  const [word, kind] = SEVERITY[row.severity] ?? ["", ""];
  const chip = word && h("span", { class: "head" }, h("span", { class: `chip ${kind}` }, word));
  return h("li", { class: row.severity }, h("div", { class: "line" }, stamp(row.time, nowMs), h("div", {}, chip, h("p", { class: "body" }, typeset(row.text)))));
}

// An entry of Zyn's can be taken back; a stop guards a position and stays.
export function showOrders(list, rows, nowMs, cancel) {
  if (!rows.length) return empty(list, "No order rests on the exchange.", "");
  reconcile(list, rows, (row) => row.id, (row) =>
    h(
      "li",
      {},
      h("strong", {}, `${row.side === "buy" ? "Buy" : "Sell"} ${row.symbol}`, !row.ours && h("span", { class: "chip" }, "yours")),
      h("span", { class: "num" }, group(row.price)),
      h("p", { class: "sub" }, `${sentence(row.type.replaceAll("-", " "))}, ${group(row.left)} ${row.symbol.split("/")[0]}`),
      h("p", { class: "sub num" }, `since ${moment(row.opened, nowMs)}`),
      h("code", { class: "sub" }, row.id),
      row.ours && row.side === "buy" && h("button", { class: "small", "aria-label": `Cancel order ${row.id}`, onclick: () => cancel(row.id) }, "Cancel"),
    ),
  );
}

export function showBalances(list, rows, currency) {
  if (!rows.length) return empty(list, "The account is empty.", "");
  reconcile(list, rows, (row) => row.asset, (row) =>
    h(
      "li",
      {},
      h("div", {}, h("strong", {}, row.asset), held(row) && h("p", { class: "sub" }, `${group(row.held)} held by orders`)),
      h("div", { class: "num" }, group(row.total), h("p", { class: "sub" }, row.value === null ? "no price" : `${money(row.value)} ${currency}`)),
    ),
  );
}

const held = (row) => /[1-9]/.test(row.held);

// The checks, which block trading, and beside them what is only measured.
export function showGauges(box, { data, gauges }) {
  const lists = [["Checks", data], ["Gauges", gauges]].map(([title, rows]) => {
    const list = h("ul", { class: "rows health" });
    showHealth(list, rows);
    return h("div", {}, h("h3", {}, title), list);
  });
  box.replaceChildren(h("div", { class: "halves" }, lists));
}

export function showHealth(list, rows) {
  if (!rows.length) return empty(list, "Nothing is watched yet.", "");
  const sorted = [...rows].sort((one, other) => Number(one.ok) - Number(other.ok));
  reconcile(list, sorted, (row) => row.name, (row) =>
    h(
      "li",
      { class: row.ok ? "ok" : "bad" },
      icon(row.ok ? ICONS.check : ICONS.warn, 16),
      h("div", {}, h("b", {}, sentence(row.name.replaceAll("_", " "))), h("p", { class: row.text === "ok" ? "visually-hidden" : "sub" }, sentence(row.text)), row.blocks && !row.ok && h("p", { class: "sub loss" }, "Until it is well again nothing new is opened.")),
    ),
  );
}

function empty(list, title, text) {
  list.replaceChildren(h("li", { class: "empty" }, h("strong", {}, title), text));
}
