// Real executions beside what the paper account would have booked.

import { fill, h } from "./dom.js";
import { full, group, moment, price, sentence } from "./format.js";
import { currency, marketNow } from "./shell.js";

const bps = (value) => `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(1)} bps`;

export function showParity(box, { data, text, slippage, fees }) {
  const facts = [["Slippage a side", slippage], ["Fees beyond paper", fees]].filter(([, one]) => one.n > 0);
  fill(
    box,
    h("p", { class: "muted" }, `${sentence(text)}${facts.length ? " 1 bps is a hundredth of a percent." : ""}`),
    facts.length > 0 && h("dl", { class: "facts" }, facts.map(([name, one]) => h("div", {}, h("dt", {}, name), h("dd", { class: one.low > 0 ? "loss" : "" }, bps(one.mean)), h("dd", { class: "sub" }, sure(one))))),
    data.length > 0 && table(data),
  );
}

const sure = ({ n, low, high }) => (low === null ? `n = ${n}; one proves nothing` : `95\u202f% ${bps(low)} to ${bps(high)}, n = ${n}`);

function table(rows) {
  const titles = [["Pair"], ["Order"], ["Time"], ["Amount", "num"], ["Real price", "num"], ["Paper price", "num"], ["Slippage", "num"], [`Fee, ${currency()}`, "num"], ["Paper fee", "num"]];
  const cells = (one) => [
    h("strong", {}, one.symbol),
    `${one.side === "buy" ? "Buy" : "Sell"}, ${one.leg}`,
    h("time", { datetime: one.time, title: full(Date.parse(one.time)) }, moment(one.time, marketNow())),
    group(one.qty),
    h("span", { title: group(one.price) }, price(one.price)),
    h("span", { title: group(one.twin_price) }, price(one.twin_price)),
    bps(one.slippage_bps),
    h("span", { title: group(one.fee) }, price(one.fee)),
    h("span", { title: group(one.twin_fee) }, price(one.twin_fee)),
  ];
  const line = (one) => h("tr", {}, cells(one).map((cell, index) => h("td", { class: titles[index][1] ?? "", data: { label: titles[index][0] } }, cell)));
  const head = h("tr", {}, titles.map(([name, kind = ""]) => h("th", { scope: "col", class: kind }, name)));
  return h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": "Orders beside their twins" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows.map(line))));
}
