// The dashboard: fetches everything once, then follows the live view; a lost connection heals by fetching again.

import { CandleChart } from "./chart.js";
import { byId, fill, h, setText } from "./dom.js";
import { count, countdown, group, money, percent, round, sentence, sign, signed, split, tone, typeset } from "./format.js";
import { showAlerts, showBalances, showDecisions, showHealth, showOrders } from "./feeds.js";
import { get, Live } from "./net.js";
import { showPositions } from "./positions.js";
import { command, failed, learnTime, marketNow, marketSpeed, showAge, showState, startShell, toast } from "./shell.js";
import { Trades } from "./tables.js";

const known = { status: null, positions: [], decisions: [], alerts: [], asOf: {}, totals: "", onlySignals: true, ready: false };
const chart = new CandleChart();
const trades = new Trades();

function figure(element, text, places = 2, withSign = false) {
  const rounded = round(text, places);
  const { whole, fraction } = split(rounded);
  const mark = sign(rounded) < 0 ? "\u2212" : withSign && sign(rounded) > 0 ? "+" : "";
  element.classList.remove("skeleton");
  element.title = group(text);
  element.style.setProperty("--long", String(mark.length + group(whole).length + (fraction.length + 1) * 0.56 + 1.6));
  fill(element, mark + group(whole), h("span", { class: "cents" }, `.${fraction}`));
}

const unit = (currency) => h("span", { class: "unit" }, currency);

function showStatus({ as_of, data }) {
  known.status = data;
  known.asOf.status = as_of;
  learnTime(data);
  figure(byId("equity"), data.equity);
  byId("equity").append(unit(data.currency));
  setText(byId("cash"), `${money(data.cash)} ${data.currency} free to use`);
  figure(byId("today"), data.pnl_today, 2, true);
  byId("today").append(unit(data.currency));
  byId("today").className = `figure ${tone(round(data.pnl_today, 2))}`;
  setText(byId("today-share"), `${percent(data.pnl_today_share)}, ${count(data.trades_today, "trade")} closed since midnight (${data.timezone})`);
  showBudget(data);
  showDoing(data);
  showHealth(byId("health"), data.health);
  showSymbols(data.symbols);
  document.title = `${signed(data.pnl_today)} today, Zyn`;
}

function showBudget(data) {
  figure(byId("budget"), data.loss_budget_left);
  byId("budget").append(unit(data.currency));
  const left = Number(data.loss_limit) ? Math.max(0, Math.min(100, (Number(data.loss_budget_left) / Number(data.loss_limit)) * 100)) : 100;
  const meter = byId("budget-meter");
  meter.style.setProperty("--left", `${left}%`);
  meter.dataset.level = left < 25 ? "low" : "fine";
  meter.setAttribute("aria-valuenow", String(Math.round(left)));
  meter.setAttribute("aria-valuetext", `${money(data.loss_budget_left)} of ${money(data.loss_limit)} ${data.currency}`);
  setText(byId("budget-text"), `of ${money(data.loss_limit)} ${data.currency}; at zero Zyn stops trading for the day`);
}

function showDoing(data) {
  const state = data.killed ? "killed" : data.trading ? "trading" : "stopped";
  byId("state").dataset.state = state;
  setText(byId("state-word"), { killed: "Stopped.", stopped: "Not trading.", trading: "Trading." }[state]);
  setText(byId("state-text"), typeset(sentence(data.trading ? data.activity : data.why_not)));
  const pause = byId("pause");
  pause.dataset.deed = data.killed ? "unlock" : data.paused ? "resume" : "pause";
  setText(pause, sentence(pause.dataset.deed));
  byId("flatten").disabled = data.open_positions === 0;
}

const MOST_TABS = 6;

// Tabs for what is held, chosen or lately judged worth a word; every other pair is in the list beside them.
function showSymbols(symbols) {
  const held = new Set(known.positions.map((row) => row.symbol));
  const lately = known.decisions.filter((row) => row.verdict !== "hold").map((row) => row.symbol);
  const order = [...new Set([...held, ...lately.filter((one) => symbols.includes(one)), ...symbols])];
  if (!chart.symbol && known.ready && order.length) return choose(order[0]);
  const tabs = order.slice(0, MOST_TABS);
  if (chart.symbol && !tabs.includes(chart.symbol)) tabs.splice(MOST_TABS - 1, 1, chart.symbol);
  const rest = symbols.filter((one) => !tabs.includes(one));
  const print = JSON.stringify([tabs, rest, [...held], chart.symbol]);
  const box = byId("symbols");
  if (box.dataset.print === print) return undefined;
  box.dataset.print = print;
  fill(box, tabs.map((symbol) => tab(symbol, held.has(symbol))));
  showMore(rest);
  return undefined;
}

function tab(symbol, held) {
  const selected = String(symbol === chart.symbol);
  const label = held ? `${symbol}, open position` : symbol;
  return h("button", { role: "tab", class: held ? "held" : "", "aria-selected": selected, "aria-label": label, onclick: () => choose(symbol) }, symbol);
}

function showMore(rest) {
  const list = byId("more-symbols");
  list.hidden = rest.length === 0;
  const first = h("option", { value: "" }, `${rest.length} more`);
  fill(list, first, rest.map((symbol) => h("option", { value: symbol }, symbol)));
}

function choose(symbol) {
  live.watch(symbol);
  const shown = drawChart(symbol);
  showSymbols(known.status.symbols);
  return shown;
}

// What cannot be drawn now is said in its place and tried again like everything that is missing.
async function drawChart(symbol = chart.symbol) {
  if (!symbol) return;
  try {
    await chart.show(symbol, known.positions);
    missing.delete("chart");
  } catch (error) {
    missing.add("chart");
    byId("chart").dataset.trouble = `${error.message} ${error.hint ?? ""}`;
    failed(error);
  }
}

function showHeld({ as_of, data, exposure }) {
  known.positions = data;
  known.asOf.positions = as_of;
  showPositions(byId("positions"), data, flatten);
  setText(byId("exposure"), data.length ? `${money(exposure)} ${known.status?.currency ?? ""} in the market` : "");
  chart.hold(data);
  if (known.status) showSymbols(known.status.symbols);
}

function showJudged(rows) {
  const seen = new Set(rows.map(decisionKey));
  known.decisions = [...rows, ...known.decisions.filter((row) => !seen.has(decisionKey(row)))].slice(0, 300);
  const shown = known.onlySignals ? known.decisions.filter((row) => row.verdict !== "hold") : known.decisions;
  showDecisions(byId("decisions"), shown, marketNow());
  chart.judge(known.decisions);
}

const decisionKey = (row) => row.symbol + row.candle;

function showTold(rows) {
  known.alerts = rows;
  showAlerts(byId("alerts"), rows, marketNow());
}

function toldNow(row) {
  showTold([row, ...known.alerts]);
  if (row.severity !== "debug") toast(row.text, row.severity);
}

function showLearned({ text }) {
  byId("learned").hidden = !text;
  const [first = "", second = "", ...others] = text.split("\n").filter(Boolean).map((line) => h("p", {}, typeset(line)));
  const open = byId("learned-text").querySelector("details")?.open ?? false;
  fill(byId("learned-text"), first, second, others.length > 0 && h("details", { open }, h("summary", {}, "All observations"), others));
}

function showCurve(points) {
  const values = points.map((point) => Number(point.equity)).reverse();
  if (values.length < 2) return;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = (value) => 42 - ((value - low) / (high - low || 1)) * 40;
  const line = values.map((value, index) => `${index ? "L" : "M"}${index} ${height(value).toFixed(2)}`).join("");
  const svg = byId("curve");
  svg.setAttribute("viewBox", `0 0 ${values.length - 1} 44`);
  svg.dataset.tone = values.at(-1) >= values[0] ? "gain" : "loss";
  const path = (d, name) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
    element.setAttribute("d", d);
    if (name) element.setAttribute("class", name);
    return element;
  };
  svg.replaceChildren(path(`${line}L${values.length - 1} 44L0 44Z`, "area"), path(line));
}

async function carryOut(path, slots) {
  try {
    const said = await command(path, slots);
    if (said) toast(said);
  } catch (error) {
    failed(error);
  }
}

const flatten = (symbol) => carryOut("/api/v1/flatten", symbol ? { symbol } : {});
const cancel = (order_id) => carryOut("/api/v1/do/cancel_order", { order_id });

// Pause, resume or unlock: whichever the button stands for now.
async function changeTrading(event) {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    const said = await command(`/api/v1/${button.dataset.deed}`);
    if (said) toast(said);
    showStatus(await get("/api/v1/status"));
  } catch (error) {
    failed(error);
  } finally {
    button.disabled = false;
  }
}

const parts = {
  status: (answer) => showStatus(answer),
  positions: (answer) => showHeld(answer),
  orders: (answer) => stamped("orders", answer, () => showOrders(byId("orders"), answer.data, marketNow(), cancel)),
  balances: (answer) => showMoney(answer),
  "decisions?limit=200": (answer) => showJudged(answer.data),
  "alerts?limit=60": (answer) => showTold(answer.data),
  "equity?limit=600": (answer) => showCurve(answer.data),
  insights: (answer) => showLearned(answer.data),
};

// What the owner trades, deposits or withdraws elsewhere announces itself by another balance.
function showMoney(answer) {
  stamped("balances", answer, () => showBalances(byId("balances"), answer.data, answer.currency));
  const totals = JSON.stringify(answer.data.map((row) => [row.asset, row.total]));
  if (known.totals && known.totals !== totals) followTrades();
  known.totals = totals;
}

function stamped(name, answer, show) {
  known.asOf[name] = answer.as_of;
  show();
}

const PLACES = { positions: "positions", orders: "orders", balances: "balances", "decisions?limit=200": "decisions", "alerts?limit=60": "alerts" };
const missing = new Set(); // parts that could not be had yet

async function fetchPart([path, show]) {
  try {
    show(await get(`/api/v1/${path}`));
    missing.delete(path);
  } catch (error) {
    missing.add(path);
    failed(error);
    showTrouble(path, error);
  }
}

// Where nothing was shown before, the trouble stands in its place; what was shown stays, with its age.
function showTrouble(path, error) {
  const place = byId(PLACES[path]);
  if (path === "status" && !known.status) {
    byId("state").dataset.state = "stopped";
    setText(byId("state-word"), "No figures yet.");
    setText(byId("state-text"), `${error.message} ${error.hint ?? ""}`.trim());
    for (const figure of document.querySelectorAll(".figure.skeleton")) fill(figure, "\u2013").classList.remove("skeleton");
  } else if (place && !place.querySelector("[data-key]")) {
    fill(place, h(place.tagName === "DIV" ? "p" : "li", { class: "empty" }, h("strong", {}, error.message), error.hint));
  }
}

async function refresh() {
  const [first, ...others] = Object.entries(parts);
  const status = fetchPart(first); // it names the owner's zone, but nothing waits long for it
  await Promise.race([status, new Promise((go) => setTimeout(go, 3500))]);
  await Promise.all([status, ...others.map(fetchPart)]);
  known.ready = true;
  trades.refresh();
  if (chart.symbol) drawChart();
  else if (known.status) showSymbols(known.status.symbols);
}

let following = 0;

function followTrades() {
  clearTimeout(following); // one deed is often told in several frames
  following = setTimeout(() => {
    trades.refresh();
    drawChart();
  }, 150);
}

// What Zyn does is not known while it does not answer; what it did last is.
function showLink(state) {
  showState(state);
  if (state !== "lost" || !known.status) return;
  byId("state").dataset.state = "unknown";
  setText(byId("state-word"), "Not heard from.");
  setText(byId("state-text"), `Last word: ${known.status.killed ? "stopped" : known.status.trading ? "trading" : "not trading"}.`);
}

const live = new Live({
  state: showLink,
  heal: refresh,
  status: showStatus,
  positions: showHeld,
  orders: parts.orders,
  balances: showMoney,
  trades: followTrades,
  decisions: (answer) => showJudged(answer.data),
  candles: (answer) => answer.symbol === chart.symbol && chart.update(answer),
  price: (answer) => answer.data.symbol === chart.symbol && chart.price(answer),
  alert: toldNow,
  refused: (error) => toast(error.message, "error", error.hint),
});

function tick() {
  for (const name of ["status", "positions", "orders", "balances"]) showAge(byId(`${name}-age`), known.asOf[name]);
  chart.tellAge(marketNow());
  const next = known.status?.next_candle;
  if (!next) return;
  const left = (Date.parse(next) - marketNow()) / marketSpeed();
  const text = left > 0 ? [h("span", {}, "next look in "), h("b", {}, countdown(left))] : [h("span", {}, "looking at a new candle")];
  fill(byId("next"), text);
}

function choosesSignals(only) {
  known.onlySignals = only;
  byId("tab-signals").setAttribute("aria-selected", String(only));
  byId("tab-all").setAttribute("aria-selected", String(!only));
  showJudged([]);
}

startShell();
setInterval(tick, 500);
setInterval(() => missing.size && refresh(), 5000);
setInterval(() => get("/api/v1/equity?limit=600").then(parts["equity?limit=600"]).catch(() => {}), 30_000);
byId("pause").addEventListener("click", changeTrading);
byId("flatten").addEventListener("click", () => flatten());
byId("more-symbols").addEventListener("change", (event) => event.target.value && choose(event.target.value));
byId("tab-signals").addEventListener("click", () => choosesSignals(true));
byId("tab-all").addEventListener("click", () => choosesSignals(false));
