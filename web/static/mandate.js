// Standing orders and limits: what is in force, and forms whose every change is read back before it counts.

import { fill, h } from "./dom.js";
import { group, percent, sentence } from "./format.js";

export function showMandate(box, mandate, risk, act) {
  const rows = mandate.data.rows ?? [];
  fill(
    box,
    h("h3", {}, "Standing orders"),
    rows.length ? h("ul", { class: "rows" }, rows.map((row) => standing(row, act.mandate))) : h("p", { class: "muted" }, mandate.text),
    form("New standing order", mandateFields(), (given) => act.mandate(mandateSlots(given))),
    h("h3", {}, "Limits"),
    h("p", { class: "muted" }, risk.text.split(". ").slice(1).join(". ")),
    limits(risk.data.limits ?? []),
    form("Tighten a limit", limitFields(risk.data.limits ?? []), (given) => act.risk(limitSlots(given, risk.data.limits))),
  );
}

function standing(row, act) {
  return h("li", {}, h("span", {}, sentence(row.text)), h("button", { class: "small", "aria-label": `End: ${row.text}`, onclick: () => act({ drop: row.name }) }, "End"));
}

function form(title, fields, send) {
  const submit = (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
    document.activeElement?.blur();
    send(given);
  };
  return h("details", { class: "form" }, h("summary", {}, title), h("form", { onsubmit: submit }, fields, h("button", { class: "primary" }, "Show me what changes")));
}

const field = (label, props) => h("label", {}, label, h("input", { autocomplete: "off", ...props }));
const NUMBER = { inputmode: "decimal", pattern: "[0-9]+([.][0-9]+)?", title: "A number such as 250 or 0.5" };

function mandateFields() {
  return [
    field("Capital at most", { name: "capital", ...NUMBER }),
    field("Lose at most a day", { name: "loss", ...NUMBER }),
    field("Never buy", { name: "never_buy", placeholder: "DOGE,SHIB", pattern: "[A-Za-z0-9.,]+" }),
    field("Open only from", { name: "from", type: "time" }),
    field("until", { name: "until", type: "time" }),
    field("Ask me above", { name: "ask_above", ...NUMBER }),
  ];
}

function mandateSlots({ capital, loss, never_buy, from, until, ask_above }) {
  const slots = {};
  if (capital) slots.capital = capital;
  if (loss) slots.loss_a_day = [loss, "quote"];
  if (never_buy) slots.never_buy = never_buy.toUpperCase();
  if (from && until) slots.hours = `${from}-${until}`;
  if (ask_above) slots.ask_above = ask_above;
  return slots;
}

const LIMITS = {
  capital: "Capital", risk_per_trade: "Risk of a trade, of equity", max_trade_risk: "Risk of an own trade at most", fixed_stake: "Stake where it is fixed", max_position: "Largest position, of equity",
  max_exposure: "All positions together, of equity", max_open_positions: "Open positions at most", daily_loss_limit: "Loss a day", max_entries_per_hour: "Entries an hour at most", cooloff_candles: "Candles of rest after a loss",
};
const named = (name) => LIMITS[name] ?? sentence(name.replaceAll("_", " "));
const shown = (text, share) => (text === "" ? "the balance" : share ? percent(text, 2, false) : group(text));

function limits(rows) {
  const titles = [["Limit", ""], ["In force", "num"], ["Settings allow", "num"]];
  const line = (row) => h("tr", {}, h("td", { data: { label: "Limit" } }, named(row.name)), h("td", { class: "num", data: { label: "In force" } }, h("strong", {}, shown(row.value, row.share))), h("td", { class: "num", data: { label: "Settings allow" } }, shown(row.settings, row.share)));
  return h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": "Limits" }, h("table", {}, h("thead", {}, h("tr", {}, titles.map(([name, kind]) => h("th", { scope: "col", class: kind }, name)))), h("tbody", {}, rows.map(line))));
}

function limitFields(rows) {
  const options = rows.map((row) => h("option", { value: row.name }, named(row.name) + (row.share ? ", in percent" : "")));
  return [h("label", {}, "Limit", h("select", { name: "parameter" }, options)), field("New value", { name: "value", required: true, ...NUMBER })];
}

function limitSlots({ parameter, value }, rows) {
  const share = rows.find((row) => row.name === parameter)?.share;
  return share ? { parameter, value, unit: "percent" } : { parameter, value };
}
