// One message as elements: text, table, buttons and picture, all built, so that no text can become markup.

import { h } from "./dom.js";
import { full, moment } from "./format.js";
import { marketSpeed } from "./shell.js";

export function message(row, press) {
  const blocks = row.blocks.map((block) => draw(block, press));
  const who = row.sender === "you" ? "You" : "Zyn";
  return h(
    "article",
    { class: `message ${row.sender}`, data: { id: row.id } },
    h("div", { class: "bubble" }, h("span", { class: "visually-hidden" }, `${who}: `), blocks),
    h("time", { datetime: row.time, title: full(Date.parse(row.time)) }, moment(row.time, Date.now())),
  );
}

// A push that arrived while the page was open.
export function notice(row) {
  const when = marketSpeed() > 1 ? null : h("time", { datetime: row.time }, moment(row.time, Date.now()));
  return h("article", { class: `message notice ${row.severity}` }, h("div", { class: "bubble" }, h("p", {}, row.text)), when);
}

function draw(block, press) {
  if (block.type === "table") return table(block);
  if (block.type === "buttons") return buttons(block, press);
  if (block.type === "picture") return h("img", { src: block.src, alt: block.alt, loading: "lazy" });
  const aligned = (block.text.match(/\S {2,}\S/g) ?? []).length > 2; // columns that were written with spaces
  return h("p", { class: `${block.strong ? "strong" : ""} ${aligned ? "aligned" : ""}` }, block.text);
}

function table({ head, rows }) {
  const titles = head.some(Boolean) && h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell))));
  const lines = rows.map((row) => h("tr", {}, row.map((cell, index) => (index ? h("td", {}, cell) : h("th", { scope: "row" }, cell)))));
  return h("div", { class: "grid", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {}, titles, h("tbody", {}, lines)));
}

const LOOKS = { confirm: "primary", danger: "danger", plain: "" };

function buttons({ buttons: all }, press) {
  const box = h("div", { class: "buttons" });
  for (const { label, action, style } of all) {
    box.append(h("button", { class: LOOKS[style] ?? "", data: { action }, onclick: (event) => press(action, event.currentTarget, box) }, label));
  }
  return box;
}
