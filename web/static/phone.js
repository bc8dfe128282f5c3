// The demo's phone: a Telegram-like chat and an SMS thread, with pushes, drawn from what the local servers hold.

import { byId, fill, h, icon, ICONS, reconcile, setText } from "./dom.js";
import { styled } from "./entities.js";
import { count, money, percent, signed, tone } from "./format.js";
import { withSigns } from "./signs.js";
import { get, Live, post } from "./net.js";
import { failed, learnTime, showState, startShell } from "./shell.js";

const TRIES = ["how are we doing?", "what's eth at", "buy 50 bucks of eth with a 2% stop", "why did you buy that?", "flatten everything"];
const APPS = ["telegram", "sms"];
const seen = { telegram: null, sms: null };
const unread = { telegram: 0, sms: 0 };
let shown = "telegram";
let touched = 0;
let bannerTimer = 0;

const hour = (iso) => new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 140;

function showScreen(screen) {
  const [thread, texts] = [byId("thread"), byId("sms-thread")];
  const [follow, followTexts] = [atEnd(thread), atEnd(texts)];
  const rows = screen.draft ? [...screen.messages, { id: "draft", draft: screen.draft }] : screen.messages;
  if (rows.length) reconcile(thread, rows, (row) => String(row.id), bubble);
  else fill(thread, h("p", { class: "nothing" }, "No messages yet. Say hello to Zyn."));
  if (follow) thread.scrollTop = thread.scrollHeight;
  setText(byId("presence"), screen.typing ? "typing\u2026" : "bot");
  showTip(screen.toast);
  showMenu(screen.menu);
  showSms(screen.sms);
  if (followTexts) texts.scrollTop = texts.scrollHeight;
  announce(screen);
}

function bubble(row) {
  if (row.draft) return h("div", { class: "bubble-row zyn" }, h("div", { class: "tg cursor" }, row.draft));
  const keys = row.buttons.length > 0;
  const stamp = h("span", { class: "stamp" }, `${row.edited ? "edited " : ""}${hour(row.time)}${row.sender === "me" ? " \u2713\u2713" : ""}`);
  return h(
    "div",
    { class: `bubble-row ${row.sender} ${keys ? "with-keys" : ""}` },
    h("div", { class: "tg" }, h("span", { class: "visually-hidden" }, row.sender === "me" ? "You: " : "Zyn: "), media(row), styled(row.text, row.entities), stamp, row.reaction && h("span", { class: "reaction" }, withSigns(row.reaction))),
    keys && h("div", { class: "keys" }, row.buttons.map((line) => h("div", {}, line.map((one) => key(row.id, one))))),
  );
}

function media(row) {
  if (row.photo) return h("img", { src: `/api/v1/phone/files/${encodeURIComponent(row.photo)}`, alt: row.text || "Picture from Zyn", onload: toEnd });
  if (row.document) return h("a", { class: "file", href: `/api/v1/phone/files/${encodeURIComponent(row.document)}`, download: row.file_name }, row.file_name || "file");
  return null;
}

function toEnd() {
  for (const box of [byId("thread"), byId("sms-thread")]) box.scrollTop = box.scrollHeight;
}

function key(id, { label, data }) {
  return h("button", { onclick: (event) => tap(id, data, event.currentTarget) }, withSigns(label));
}

async function tap(id, data, button) {
  touched = performance.now();
  button.classList.add("tapped");
  try {
    await post("/api/v1/phone/tap", { message_id: id, data });
  } catch (error) {
    failed(error);
  } finally {
    button.classList.remove("tapped");
  }
}

async function type(text) {
  if (!text.trim()) return;
  touched = performance.now();
  open("telegram");
  try {
    await post("/api/v1/phone/type", { text });
  } catch (error) {
    failed(error);
  }
}

function showSms(rows) {
  const thread = byId("sms-thread");
  if (!rows.length) return fill(thread, h("p", { class: "nothing" }, "No text messages yet. Zyn sends one for every fill when SMS is set up."));
  setText(byId("sms-name"), rows.find((row) => !row.mine)?.from ?? "Messages");
  const lines = rows.map((row, index) => ({ ...row, index }));
  reconcile(thread, lines, (row) => String(row.index), (row) =>
    h("div", { class: `bubble-row ${row.mine ? "me" : "zyn"}` }, h("div", { class: "tg" }, row.body, h("span", { class: "stamp" }, hour(row.time)))),
  );
  return undefined;
}

// A push comes for what Zyn says unasked, or while another app is open.
function announce(screen) {
  const last = { telegram: screen.messages.filter((row) => row.sender === "zyn").at(-1), sms: screen.sms.filter((row) => !row.mine).at(-1) };
  const mark = { telegram: last.telegram?.id ?? 0, sms: screen.sms.filter((row) => !row.mine).length };
  for (const app of APPS) {
    const fresh = seen[app] !== null && mark[app] > seen[app];
    const answer = app === shown && performance.now() - touched < 8000;
    if (fresh && !answer && !last[app].silent) push(app, app === "sms" ? last.sms.body : last.telegram.text);
    if (fresh && app !== shown) unread[app] += 1;
    seen[app] = mark[app];
  }
  showBadges();
}

function push(app, text) {
  const banner = byId("banner");
  const face = app === "sms" ? h("span", { class: "avatar sms" }, "SMS") : h("span", { class: "avatar" }, h("img", { src: "/static/mark.svg", alt: "", width: 36, height: 36 }));
  fill(banner, face, h("strong", {}, app === "sms" ? "Text message" : "Zyn"), h("p", {}, withSigns(text)));
  banner.hidden = false;
  banner.onclick = () => {
    banner.hidden = true;
    open(app);
  };
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(() => (banner.hidden = true), 5000);
}

function open(app) {
  shown = app;
  byId("banner").hidden = true;
  unread[app] = 0;
  for (const one of APPS) {
    byId(`app-${one}`).hidden = one !== app;
    byId(`open-${one}`).setAttribute("aria-selected", String(one === app));
  }
  showBadges();
  toEnd();
}

function showBadges() {
  for (const app of APPS) {
    const badge = byId(`open-${app}`).querySelector(".badge");
    badge.hidden = unread[app] === 0;
    setText(badge, String(unread[app]));
  }
}

let lastTip = "";

function showTip(text) {
  const tip = byId("tip");
  if (text === lastTip) return;
  lastTip = text;
  setText(tip, text);
  tip.hidden = !text;
  if (text) setTimeout(() => (tip.hidden = true), 3500);
}

function showMenu(rows) {
  reconcile(byId("menu"), rows, (row) => row.command, (row) =>
    h("button", { type: "button", onclick: () => choose(row.command) }, h("b", {}, `/${row.command}`), h("span", {}, row.description)),
  );
}

function toggleMenu(visible) {
  byId("menu").hidden = !visible;
  byId("menu-button").setAttribute("aria-expanded", String(visible));
}

function choose(command) {
  toggleMenu(false);
  type(`/${command}`);
}

function send(event) {
  event.preventDefault();
  const input = byId("say");
  type(input.value);
  input.value = "";
  toggleMenu(false);
}

async function sendSms(event) {
  event.preventDefault();
  const input = byId("sms-say");
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  touched = performance.now();
  try {
    await post("/api/v1/phone/sms", { text });
    toEnd();
  } catch (error) {
    failed(error);
  }
}

// What the dashboard shows of the same account: a word on the phone is a figure there.
function showFigures({ data }) {
  learnTime(data);
  setText(byId("b-equity"), `${money(data.equity)} ${data.currency}`);
  setText(byId("b-today"), signed(data.pnl_today));
  byId("b-today").className = tone(data.pnl_today);
}

const MOST_ROWS = 3;

function showHeld({ data }) {
  const list = byId("b-positions");
  if (!data.length) return fill(list, h("li", { class: "empty" }, "Nothing is open."));
  const rest = data.length - MOST_ROWS;
  return fill(list, data.slice(0, MOST_ROWS).map(held), rest > 0 && h("li", { class: "empty" }, `and ${count(rest, "position")} more`));
}

const held = (row) =>
  h("li", {}, h("strong", {}, row.symbol), h("span", { class: `num ${tone(row.unrealised)}` }, h("b", {}, signed(row.unrealised)), ` ${percent(row.unrealised_share)}`));

const heal = () => Promise.all([get("/api/v1/phone").then(({ data }) => showScreen(data)), get("/api/v1/status").then(showFigures), get("/api/v1/positions").then(showHeld)]);

new Live({ state: showState, heal: () => heal().then(toEnd).catch(failed), status: showFigures, positions: showHeld, phone: showScreen });

startShell();
fill(byId("send"), icon(ICONS.send, 20));
fill(byId("tries"), TRIES.map((text) => h("button", { type: "button", onclick: () => type(text) }, text)));
fill(byId("sms-send"), icon(ICONS.send, 20));
byId("form").addEventListener("submit", send);
byId("sms-form").addEventListener("submit", sendSms);
byId("menu-button").addEventListener("click", () => toggleMenu(byId("menu").hidden));
addEventListener("keydown", (event) => event.key === "Escape" && toggleMenu(false));
for (const app of APPS) byId(`open-${app}`).addEventListener("click", () => open(app));
setInterval(() => setText(byId("phone-time"), hour(Date.now())), 1000);
