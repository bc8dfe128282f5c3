// One candle chart: entries and exits as arrows, the open position's entry, stop and target as lines.

import { byId, fill, h, setText } from "./dom.js";
import { filters } from "./feeds.js";
import { clock, day, full, group, percent, sentence, span, typeset } from "./format.js";
import { library } from "./library.js";
import { get } from "./net.js";
import { staleAfter } from "./shell.js";

const ENDS = new Set(["stop", "target", "signal"]); // said beside the arrow of an exit
const VERDICT = { entered: "bought", exited: "sold", filtered: "filtered out", refused: "refused", failed: "failed", hold: "hold" };

export class CandleChart {
  #chart = null;
  #series = null;
  #markers = null;
  #lines = [];
  #candles = [];
  #decisions = new Map();
  #length = 300;
  #places = 2;
  #asked = 0;
  #stored = false; // the exchange was silent: these are the candles it told last
  #priced = "";
  symbol = "";

  constructor() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  async show(symbol, positions) {
    const changed = symbol !== this.symbol;
    this.symbol = symbol;
    const turn = ++this.#asked;
    const name = encodeURIComponent(symbol);
    const [kit, candles, trades, decisions, trips] = await Promise.all([
      library(),
      get(`/api/v1/candles?symbol=${name}&limit=288`),
      get(`/api/v1/trades?symbol=${name}&limit=200`),
      get(`/api/v1/decisions?symbol=${name}&limit=300`),
      get("/api/v1/positions?closed=true&limit=200"),
    ]);
    if (turn !== this.#asked) return;
    this.#ready(kit);
    this.#stored = candles.source === "store";
    this.#candles = candles.data.map(bar).reverse();
    if (this.#candles.length > 1) this.#length = this.#candles[1].time - this.#candles[0].time;
    this.#decisions = new Map(decisions.data.map((row) => [Date.parse(row.candle) / 1000, row]));
    this.#places = placesOf(candles.data);
    this.#series.applyOptions({ priceFormat: { type: "price", precision: this.#places, minMove: 1 / 10 ** this.#places } });
    this.#series.setData(this.#candles);
    this.#mark(trades.data, trips.data.filter((row) => row.symbol === symbol));
    this.hold(positions);
    const bars = byId("chart").clientWidth < 500 ? 64 : 130; // as many as can be told apart
    if (changed) this.#chart.timeScale().setVisibleLogicalRange({ from: this.#candles.length - bars, to: this.#candles.length + bars / 20 });
    this.#describe();
  }

  // New candles from the live view, newest first.
  update({ data, source }) {
    if (!this.#series) return;
    this.#stored = source === "store";
    for (const one of data.map(bar).reverse()) {
      const last = this.#candles.at(-1);
      if (last && one.time < last.time) continue;
      if (last && one.time === last.time) this.#candles.pop();
      this.#candles.push(one);
      this.#series.update(one);
    }
    this.#describe();
  }

  price({ data, as_of }) {
    this.#priced = as_of;
    setText(byId("price"), group(data.last));
  }

  // Says how old the newest candle is once the next one is overdue, and how old the price.
  tellAge(nowMs) {
    const last = this.#candles.at(-1);
    const closed = last ? (last.time + this.#length) * 1000 : nowMs;
    const candlesOld = this.#stored || nowMs - closed > staleAfter() + this.#length * 1000;
    const priced = Date.parse(this.#priced) || nowMs;
    const priceOld = nowMs - priced > staleAfter();
    const age = byId("chart-age");
    age.hidden = !(candlesOld || priceOld);
    if (candlesOld) setText(age, `newest candle closed ${clock(closed)}, ${span(nowMs - closed)} ago`);
    else if (priceOld) setText(age, `price of ${clock(priced)}, ${span(nowMs - priced)} old`);
  }

  // What was judged since: the reasons shown over a candle.
  judge(rows) {
    for (const row of rows) if (row.symbol === this.symbol) this.#decisions.set(Date.parse(row.candle) / 1000, row);
  }

  hold(positions) {
    if (!this.#series) return;
    for (const line of this.#lines) this.#series.removePriceLine(line);
    const held = positions.find((row) => row.symbol === this.symbol);
    this.#lines = held ? this.#brackets(held) : [];
  }

  #brackets(held) {
    const rows = [["entry", held.entry, "--accent", 0], ["stop", held.stop, "--down", 2], ["target", held.target, "--up", 2]];
    return rows
      .filter(([, price]) => price !== null)
      .map(([title, price, color, lineStyle]) =>
        this.#series.createPriceLine({ price: Number(price), title, color: token(color), lineStyle, lineWidth: 2, axisLabelVisible: true }),
      );
  }

  #ready({ createChart, CandlestickSeries, createSeriesMarkers, CrosshairMode }) {
    if (this.#chart) return;
    this.#chart = createChart(byId("chart"), {
      autoSize: true,
      layout: { attributionLogo: false }, // its inline style is against our policy; the link stands below the chart
      crosshair: { mode: CrosshairMode.Normal },
      localization: { priceFormatter: (price) => group(price.toFixed(this.#places)), timeFormatter: (time) => full(time * 1000) },
      timeScale: { timeVisible: true, secondsVisible: false, borderVisible: false, tickMarkFormatter: tickText, rightOffset: 6 },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.1 } },
      handleScroll: { mouseWheel: false, vertTouchDrag: false },
      handleScale: { mouseWheel: false },
    });
    this.#series = this.#chart.addSeries(CandlestickSeries, { borderVisible: false, priceLineVisible: false });
    this.#markers = createSeriesMarkers(this.#series, []);
    this.#chart.subscribeCrosshairMove((event) => this.#hover(event));
    this.#paint();
  }

  #paint() {
    if (!this.#chart) return;
    const ink = token("--ink-2");
    const line = token("--line");
    this.#chart.applyOptions({
      layout: { background: { type: "solid", color: token("--card") }, textColor: ink, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, attributionLogo: false },
      grid: { vertLines: { visible: false }, horzLines: { color: line } },
      crosshair: { vertLine: { color: ink, labelBackgroundColor: ink }, horzLine: { color: ink, labelBackgroundColor: ink } },
    });
    const [up, down] = [token("--up"), token("--down")];
    this.#series.applyOptions({ upColor: up, wickUpColor: up, downColor: down, wickDownColor: down });
  }

  #mark(trades, trips) {
    const first = this.#candles[0]?.time ?? 0;
    const ends = new Map(trips.map((row) => [this.#slot(Date.parse(row.closed) / 1000), row.reason]));
    const marks = new Map(); // an order is often filled in parts: one mark a candle and side
    for (const { side, time: moment } of trades.toReversed()) {
      const time = this.#slot(Date.parse(moment) / 1000);
      if (time >= first) marks.set(`${time} ${side}`, { time, ...(side === "buy" ? bought() : sold(ends.get(time))) });
    }
    this.#markers.setMarkers([...marks.values()]);
  }

  #slot(time) {
    const slot = time - (time % this.#length);
    return Math.min(slot, this.#candles.at(-1)?.time ?? slot);
  }

  #hover(event) {
    const box = byId("hover");
    const row = event.time ? this.#candles.find((one) => one.time === event.time) : null;
    box.hidden = !row;
    box.dataset.side = event.point && event.point.x < byId("chart").clientWidth / 2 ? "right" : "left";
    if (!row) return;
    const judged = this.#decisions.get(row.time);
    const text = `open ${group(row.text.open)}  high ${group(row.text.high)}  low ${group(row.text.low)}  close ${group(row.text.close)}`;
    fill(
      box,
      h("p", {}, h("strong", {}, `${day(row.time * 1000)}, ${clock(row.time * 1000)} `), h("span", { class: "muted" }, text)),
      !judged && h("p", { class: "muted" }, "Not judged: Zyn was not watching then."),
      judged && h("p", {}, h("strong", {}, `${sentence(VERDICT[judged.verdict] ?? judged.verdict)}: `), typeset(sentence(judged.reason))),
      judged?.filters.length > 0 && filters(judged.filters),
      judged?.filters.some((one) => !one.passed && one.flip) && h("p", { class: "muted" }, `It would have passed with: ${judged.filters.filter((one) => !one.passed && one.flip).map((one) => typeset(one.flip)).join("; ")}.`),
    );
  }

  #describe() {
    const [first, last] = [this.#candles[0], this.#candles.at(-1)];
    if (!last) return;
    setText(byId("price"), group(last.text.close));
    const change = last.close / first.close - 1;
    const note = byId("price-note");
    setText(note, `${percent(change.toFixed(6))} in ${Math.round((last.time - first.time) / 3600)} h`);
    note.className = change < 0 ? "loss" : "gain";
    byId("chart").setAttribute("aria-label", `${this.symbol}: ${this.#candles.length} candles, last close ${group(last.text.close)}`);
  }
}

const token = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

const bought = () => ({ position: "belowBar", shape: "arrowUp", color: token("--accent") });
const sold = (reason) => ({ position: "aboveBar", shape: "arrowDown", color: token("--ink"), text: ENDS.has(reason) ? reason : "" });

function bar(row) {
  const { open, high, low, close } = row;
  return { time: Date.parse(row.time) / 1000, open: Number(open), high: Number(high), low: Number(low), close: Number(close), text: row };
}

// As many decimals as the exchange's own prices have.
const placesOf = (rows) => rows.slice(0, 60).reduce((most, row) => Math.max(most, (row.close.split(".")[1] ?? "").length), 0);

const tickText = (time, kind) => (kind < 3 ? day(time * 1000) : clock(time * 1000));
