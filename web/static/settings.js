// Every setting in force, to be found by a word; secrets are only ever set or empty.

import { byId, fill, h } from "./dom.js";

export class Settings {
  #rows = [];

  constructor() {
    byId("find").addEventListener("input", () => this.#draw());
    byId("changed").addEventListener("change", () => this.#draw());
  }

  show(rows) {
    this.#rows = rows;
    this.#draw();
  }

  #draw() {
    const word = byId("find").value.trim().toLowerCase();
    const fits = (row) => (!byId("changed").checked || row.value !== row.default) && `${row.key} ${row.env} ${row.meaning}`.toLowerCase().includes(word);
    const rows = this.#rows.filter(fits);
    if (!rows.length) return fill(byId("settings-body"), h("p", { class: "muted" }, "No setting is like that."));
    const head = h("tr", {}, ["Setting", "Value", "Meaning"].map((name) => h("th", { scope: "col" }, name)));
    return fill(byId("settings-body"), h("table", {}, h("thead", {}, head), h("tbody", {}, rows.map(line))));
  }
}

function line(row) {
  const changed = row.value !== row.default && h("span", { class: "sub" }, row.default === "" ? "unset by default" : `default ${row.default}`);
  return h(
    "tr",
    {},
    h("td", { class: "bare" }, h("strong", {}, row.key), h("code", {}, row.env)),
    h("td", { data: { label: "Value" } }, h("span", {}, row.value === "" ? "\u2013" : row.value), row.value !== "" && row.unit && h("span", { class: "muted" }, ` ${row.unit}`), changed),
    h("td", { class: "bare wide-cell" }, row.meaning),
  );
}
