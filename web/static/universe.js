// Which pairs are watched, ranked, why others are not, and the owner's own word on single ones.

import { fill, h } from "./dom.js";
import { count, group, money } from "./format.js";

export function showUniverse(box, { text, data }, act) {
  const lists = [["Your allow list", data.allowed], ["Your deny list", data.denied]].filter(([, rows]) => rows.length);
  fill(
    box,
    h("p", { class: "muted" }, data.chosen ? text.split("\n")[0] : "These pairs are named in ZYN_SYMBOLS. ZYN_FEATURES__CRYPTO_UNIVERSE=true lets Zyn choose by liquidity."),
    data.trouble && h("p", { class: "loss" }, `The last refresh failed: ${data.trouble}. This is what was known before.`),
    lists.map(([name, rows]) => h("p", {}, h("strong", {}, `${name}: `), rows.join(", "))),
    data.pairs.length ? table(data, act) : h("p", { class: "chips" }, data.watched.map((symbol) => h("span", { class: "chip" }, symbol))),
  );
}

function table({ pairs, denied }, act) {
  const titles = [["Rank", "num"], ["Pair"], ["Traded in 24 h", "num"], ["Spread", "num"], ["Age", "num"], ["State", "words"], [""]];
  const word = (one) => (denied.includes(one.symbol) || one.out ? ["Allow", "allow"] : ["Deny", "deny"]);
  const line = (one) => {
    const [label, action] = word(one);
    const state = one.out ? h("span", { class: "muted" }, `out: ${one.out}`) : h("span", { class: "chip gain" }, "watched");
    const button = h("button", { class: "small", "aria-label": `${label} ${one.symbol}`, onclick: () => act({ action, symbol: one.symbol }) }, label);
    const cells = [one.rank || "\u2013", h("strong", {}, one.symbol), money(one.traded_24h, 0), `${group(one.spread_bps)} bps`, one.age_days === null ? "not known" : count(one.age_days, "day"), state, button];
    return h("tr", {}, cells.map((cell, index) => h("td", { class: titles[index][1] ?? "", data: { label: titles[index][0] } }, cell)));
  };
  const head = h("tr", {}, titles.map(([name, kind = ""]) => h("th", { scope: "col", class: kind }, name || h("span", { class: "visually-hidden" }, "Your word"))));
  return h("div", { class: "table-box tall", tabindex: "0", role: "region", "aria-label": "Pairs" }, h("table", {}, h("thead", {}, head), h("tbody", {}, pairs.map(line))));
}
