// Open positions: what is held, how far the price is from stop and target, and the way out.

import { fill, h, icon, ICONS, reconcile } from "./dom.js";
import { group, money, percent, price, sign, signed, tone } from "./format.js";

export function showPositions(box, rows, flatten) {
  if (!rows.length) {
    fill(box, h("p", { class: "empty" }, h("strong", {}, "Nothing is open."), "Zyn opens a position when a pair crosses up and every filter agrees."));
    return;
  }
  for (const child of [...box.children]) if (!child.dataset.key) child.remove();
  for (const row of rows) if (row.protected) bareSince.delete(row.symbol);
  reconcile(box, rows, (row) => row.symbol, (row) => card(row, flatten));
}

function card(row, flatten) {
  const [coin, currency] = row.symbol.split("/");
  const name = h("div", {}, h("h3", {}, row.symbol), h("p", { class: "muted" }, `${group(row.qty)} ${coin}`), h("p", { class: "muted" }, `${money(row.value)} ${currency}`), guard(row));
  const result = h(
    "div",
    { class: "result" },
    h("b", { class: tone(row.unrealised), title: `${group(row.unrealised)} ${currency} at the price now, the fees paid so far off` }, signed(row.unrealised)),
    h("span", { class: tone(row.unrealised) }, `${currency} \u00b7 ${percent(row.unrealised_share)}`),
  );
  const out = h("button", { class: "small", "aria-label": `Flatten ${row.symbol}`, onclick: () => flatten(row.symbol) }, "Flatten");
  return h("article", { class: "position" }, name, ladder(row), result, out);
}

function guard(row) {
  return row.protected
    ? h("span", { class: "guard", title: `Stop order ${row.stop_order_id} rests on the exchange` }, icon(ICONS.shield, 14), "Protected")
    : unguarded(row);
}

const PATIENCE_MS = 15_000; // a stop is listed a moment after its entry, and away while its position is sold
const bareSince = new Map();

function unguarded(row) {
  const since = bareSince.get(row.symbol) ?? performance.now();
  bareSince.set(row.symbol, since);
  const lasting = performance.now() - since > PATIENCE_MS;
  return h("span", { class: `guard ${lasting ? "off" : "wait"}` }, icon(ICONS.warn, 14), lasting ? "Stop missing" : "Stop not confirmed");
}

// Positions on the rail are pixels, so floats will do here and nowhere else.
function ladder(row) {
  const known = [row.stop, row.entry, row.price, row.target].filter((one) => one !== null).map(Number);
  const low = row.stop === null ? Math.min(...known) * 0.995 : Math.min(...known);
  const high = row.target === null ? Math.max(...known) * 1.005 : Math.max(...known);
  const at = (value) => `${(((Number(value) - low) / (high - low || 1)) * 100).toFixed(2)}%`;
  const label = `Entry ${group(row.entry)}, now ${group(row.price)}, stop ${group(row.stop)}, target ${group(row.target)}`;
  return h(
    "div",
    { class: "ladder", role: "img", "aria-label": label },
    h("span", { class: "rail", vars: { "--entry": at(row.entry) } }),
    h("span", { class: "tick", vars: { "--at": at(row.entry) } }),
    h("span", { class: `now ${sign(row.unrealised) < 0 ? "loss" : "gain"}`, vars: { "--at": at(row.price) }, title: `Now ${group(row.price)}` }),
    h("small", { class: "l-entry", vars: { "--at": at(row.entry) } }, "entry ", h("b", { title: group(row.entry) }, price(row.entry))),
    h(
      "div",
      { class: "ends" },
      row.stop !== null && h("small", { class: "l-stop" }, "stop ", h("b", {}, group(row.stop)), ` ${percent(negative(row.to_stop), 2, false)}`),
      row.target !== null && h("small", { class: "l-target" }, "target ", h("b", {}, group(row.target)), ` ${percent(row.to_target)}`),
    ),
  );
}

const negative = (text) => (text === null ? null : text.startsWith("-") ? text.slice(1) : `-${text}`);
