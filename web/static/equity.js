// Equity as an area, and below it how far it stood under its highest point.

import { byId, fill, h } from "./dom.js";
import { clock, day, full, group, money, percent, round, signed, tone } from "./format.js";
import { library } from "./library.js";
import { currency } from "./shell.js";

export class EquityChart {
  #chart = null;
  #equity = null;
  #drawdown = null;
  #count = 0;

  constructor() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  async show({ data }) {
    const points = data.toReversed();
    showFacts(points);
    this.#ready(await library());
    this.#equity.setData(rows(points, (one) => Number(one.equity)));
    this.#drawdown.setData(rows(points, (one) => -100 * Number(one.drawdown)));
    if (points.length !== this.#count) this.#chart.timeScale().fitContent();
    this.#count = points.length;
  }

  #ready({ createChart, AreaSeries, BaselineSeries }) {
    if (this.#chart) return;
    this.#chart = createChart(byId("equity-chart"), {
      autoSize: true,
      layout: { attributionLogo: false, panes: { enableResize: false } },
      localization: { timeFormatter: (time) => full(time * 1000) },
      timeScale: { timeVisible: true, secondsVisible: false, borderVisible: false, fixLeftEdge: true, fixRightEdge: true, tickMarkFormatter: (time, kind) => (kind < 3 ? day(time * 1000) : clock(time * 1000)) },
      rightPriceScale: { borderVisible: false },
      handleScroll: { mouseWheel: false, vertTouchDrag: false },
      handleScale: { mouseWheel: false },
    });
    const shown = { lineWidth: 2, priceLineVisible: false, lastValueVisible: true };
    this.#equity = this.#chart.addSeries(AreaSeries, { ...shown, priceFormat: custom((value) => group(value.toFixed(2))) });
    this.#drawdown = this.#chart.addSeries(BaselineSeries, { ...shown, lineWidth: 1, baseValue: { type: "price", price: 0 }, priceFormat: custom((value) => `${value.toFixed(2)} %`.replace("-", "\u2212")) }, 1);
    this.#chart.panes()[1].setHeight(90);
    this.#paint();
  }

  #paint() {
    if (!this.#chart) return;
    const [ink, line, accent, down] = ["--ink-2", "--line", "--accent", "--down"].map(token);
    this.#chart.applyOptions({
      layout: { background: { type: "solid", color: token("--card") }, textColor: ink, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, attributionLogo: false, panes: { separatorColor: line } },
      grid: { vertLines: { visible: false }, horzLines: { color: line } },
    });
    this.#equity.applyOptions({ lineColor: accent, topColor: `${accent}38`, bottomColor: `${accent}05` });
    this.#drawdown.applyOptions({ topLineColor: ink, topFillColor1: "transparent", topFillColor2: "transparent", bottomLineColor: down, bottomFillColor1: `${down}18`, bottomFillColor2: `${down}50` });
  }
}

const custom = (formatter) => ({ type: "custom", minMove: 0.01, formatter });
const token = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

// Times must grow: of several points in one second the last counts.
function rows(points, valueOf) {
  const found = new Map(points.map((one) => [Math.floor(Date.parse(one.time) / 1000), valueOf(one)]));
  return [...found].map(([time, value]) => ({ time, value }));
}

function showFacts(points) {
  const [first, last] = [points[0], points.at(-1)];
  const worst = points.reduce((most, one) => (Number(one.drawdown) > Number(most.drawdown) ? one : most), last);
  const change = difference(last.equity, first.equity);
  const rowsShown = [
    ["Now", `${money(last.equity)} ${currency()}`, ""],
    [`Since ${day(Date.parse(first.time))}`, `${signed(change)} ${currency()}`, tone(round(change, 2))],
    ["Below its peak now", percent(last.drawdown, 2, false), Number(last.drawdown) ? "loss" : ""],
    ["Deepest drawdown", `${percent(worst.drawdown, 2, false)}`, Number(worst.drawdown) ? "loss" : ""],
  ];
  fill(byId("equity-facts"), rowsShown.map(([name, value, kind]) => h("div", {}, h("dt", {}, name), h("dd", { class: kind }, value))));
}

// Exact: both as whole numbers of their smallest decimal.
function difference(one, other) {
  const places = Math.max(...[one, other].map((text) => (text.split(".")[1] ?? "").length));
  const whole = (text) => BigInt(round(text, places).replace(".", ""));
  const left = whole(one) - whole(other);
  const digits = (left < 0n ? -left : left).toString().padStart(places + 1, "0");
  const cut = digits.length - places;
  return `${left < 0n ? "-" : ""}${digits.slice(0, cut)}${places ? `.${digits.slice(cut)}` : ""}`;
}
