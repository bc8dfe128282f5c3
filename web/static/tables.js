// The trade history, all of it, a page at a time: round trips or the exchange's own executions.

import { byId, fill, h } from "./dom.js";
import { full, group, moment, money, price, sign, signed, span } from "./format.js";
import { get } from "./net.js";
import { currency, failed, marketNow, showAge } from "./shell.js";

const KINDS = {
  trips: { path: "/api/v1/positions?closed=true&limit=15", head: tripHead, row: tripRow, key: (row) => row.symbol + row.opened },
  fills: { path: "/api/v1/trades?limit=15", head: fillHead, row: fillRow, key: (row) => row.id },
};

function tripHead() {
  return [["Pair"], [`Result, ${currency()}`, "num"], ["Closed"], ["Entry", "num"], ["Exit", "num"], ["Amount", "num"]];
}

function fillHead() {
  return [["Pair"], ["Time"], ["Price", "num"], ["Amount", "num"], [`Cost, ${currency()}`, "num"], [`Fee, ${currency()}`, "num"]];
}

const sub = (text) => h("span", { class: "sub" }, text);

const REASONS = { stop: "stop", target: "target", signal: "opposite signal", flatten: "flatten", owner: "you", manual: "by hand", end: "end" };

function tripRow(row) {
  const tone = sign(row.net_pnl) < 0 ? "loss" : "gain";
  return [
    [[h("strong", {}, row.symbol), sub(REASONS[row.reason] ?? row.reason)], "bare"],
    [[h("strong", { class: tone, title: group(row.net_pnl) }, signed(row.net_pnl)), sub(h("span", { title: group(row.fees) }, `fees ${money(row.fees)}`))], "num bare"],
    [[h("time", { datetime: row.closed, title: full(Date.parse(row.closed)) }, moment(row.closed, marketNow())), sub(`held ${span(Date.parse(row.closed) - Date.parse(row.opened))}`)]],
    [h("span", { title: group(row.entry) }, price(row.entry)), "num"],
    [h("span", { title: group(row.exit) }, price(row.exit)), "num"],
    [group(row.qty), "num"],
  ];
}

function fillRow(row) {
  return [
    [[h("strong", {}, row.symbol), sub(`${row.side === "buy" ? "Bought" : "Sold"}${row.ours ? "" : " by you"}`)], "bare"],
    [[h("time", { datetime: row.time, title: full(Date.parse(row.time)) }, moment(row.time, marketNow())), h("code", { class: "sub" }, row.order_id)]],
    [group(row.price), "num"],
    [group(row.qty), "num"],
    [group(row.cost), "num"],
    [group(row.fee), "num"],
  ];
}

export class Trades {
  #kind = "trips";
  #rows = [];
  #next = null;
  #asOf = "";

  constructor() {
    for (const kind of Object.keys(KINDS)) byId(`tab-${kind}`).addEventListener("click", () => this.#choose(kind));
    byId("older").addEventListener("click", () => this.#older());
    setInterval(() => showAge(byId("trades-age"), this.#asOf), 1000);
  }

  // Fetches the newest page and keeps the older ones that were already opened.
  async refresh() {
    const kind = this.#kind;
    try {
      const answer = await get(KINDS[kind].path);
      if (kind !== this.#kind) return;
      const known = new Set(answer.data.map(KINDS[kind].key));
      const kept = this.#rows.filter((row) => !known.has(KINDS[kind].key(row)));
      if (!this.#rows.length) this.#next = answer.next;
      this.#rows = [...answer.data, ...kept];
      this.#asOf = answer.as_of;
      this.#show();
    } catch (error) {
      failed(error);
      if (!this.#rows.length) fill(byId("trades"), h("p", { class: "empty" }, h("strong", {}, error.message), error.hint));
    }
  }

  #choose(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#rows = [];
    this.#next = null;
    for (const one of Object.keys(KINDS)) byId(`tab-${one}`).setAttribute("aria-selected", String(one === kind));
    this.refresh();
  }

  async #older() {
    const button = byId("older");
    button.disabled = true;
    try {
      const answer = await get(`${KINDS[this.#kind].path}&before=${encodeURIComponent(this.#next)}`);
      this.#rows = [...this.#rows, ...answer.data];
      this.#next = answer.next;
      this.#show();
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
    }
  }

  #show() {
    const { row } = KINDS[this.#kind];
    const head = KINDS[this.#kind].head();
    byId("older").hidden = !this.#next;
    if (!this.#rows.length) {
      const text = this.#kind === "trips" ? "No position has been closed yet." : "The exchange has booked no trade yet.";
      return fill(byId("trades"), h("p", { class: "empty" }, h("strong", {}, text), "The first one appears here the moment it happens."));
    }
    const titles = h("tr", {}, head.map(([name, kind = ""]) => h("th", { scope: "col", class: kind }, name)));
    const lines = this.#rows.map((one) =>
      h("tr", {}, row(one).map(([content, kind = ""], index) => h("td", { class: kind, data: { label: head[index][0] } }, content))),
    );
    return fill(byId("trades"), h("table", {}, h("thead", {}, titles), h("tbody", {}, lines)));
  }
}
