// The chat: one conversation, shared by every open page, streaming while Zyn thinks.

import { message, notice } from "./blocks.js";
import { CommandList } from "./commands.js";
import { byId, fill, h, icon, ICONS, setText } from "./dom.js";
import { money, percent, sentence, signed, tone } from "./format.js";
import { get, Live, post } from "./net.js";
import { failed, learnTime, showState, startShell, toast } from "./shell.js";

const SUGGESTIONS = ["How are we doing?", "What did you trade today?", "What's ETH at?", "Why no trade?", "/pause", "/flatten"];
const said = new Map();
const written = [];
let recall = 0;
let oldest = null;

const log = byId("log");
const box = byId("main");
const input = byId("say");
const commands = new CommandList(input);

const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 120;
const toEnd = () => box.scrollTo({ top: box.scrollHeight });

function add(row) {
  if (said.has(row.id)) return;
  const follow = atEnd() || row.sender === "you";
  said.set(row.id, row);
  log.append(message(row, press));
  byId("welcome").hidden = true;
  if (follow) toEnd();
}

async function loadHistory() {
  const { data, next, session, sessions } = await get("/api/v1/chat?limit=60");
  byId("which").hidden = sessions.length < 2;
  byId("session").value = session;
  const first = said.size === 0;
  data.reverse().forEach(add);
  if (first) {
    oldest = next;
    byId("earlier").hidden = !next;
    byId("welcome").hidden = data.length > 0;
    toEnd();
  }
}

// The page and Telegram are two conversations; on request this page goes on with the other one.
async function choose(event) {
  try {
    await post("/api/v1/chat/session", { session: event.target.value });
  } catch (error) {
    failed(error);
    loadHistory().catch(failed);
  }
}

function changeover() {
  said.clear();
  log.replaceChildren();
  loadHistory().catch(failed);
}

let looked = 0;

// What is said on the phone meanwhile belongs to the same conversation.
function followPhone() {
  if (byId("session").value !== "telegram" || performance.now() - looked < 4000) return;
  looked = performance.now();
  loadHistory().catch(() => {});
}

async function loadEarlier() {
  const { data, next } = await get(`/api/v1/chat?limit=60&before=${oldest}`);
  const before = box.scrollHeight;
  const fresh = data.filter((row) => !said.has(row.id)).reverse();
  for (const row of fresh) said.set(row.id, row);
  log.prepend(...fresh.map((row) => message(row, press)));
  box.scrollTop += box.scrollHeight - before;
  oldest = next;
  byId("earlier").hidden = !next;
}

async function say(text) {
  if (!text.trim()) return;
  written.push(text);
  recall = written.length;
  if (live.send("say", text)) return;
  try {
    await post("/api/v1/chat", { text });
    await loadHistory();
  } catch (error) {
    input.value = input.value || text;
    failed(error);
  }
}

async function press(action, button, row) {
  const decides = /^(yes|no):/.test(action);
  if (decides) {
    button.classList.add("chosen");
    for (const one of row.children) one.disabled = true;
  }
  if (live.send("press", action)) return;
  try {
    await post("/api/v1/press", { action });
    await loadHistory();
  } catch (error) {
    for (const one of row.children) one.disabled = false;
    failed(error);
  }
}

function showTyping(data) {
  const follow = atEnd();
  byId("typing").hidden = data === null;
  setText(byId("partial"), data?.text ?? "");
  if (data && follow) toEnd();
}

function showGlance({ data }) {
  learnTime(data);
  setText(byId("g-equity"), `${money(data.equity)} ${data.currency}`);
  const today = byId("g-today");
  setText(today, `${signed(data.pnl_today)} (${percent(data.pnl_today_share)})`);
  today.className = tone(data.pnl_today);
  byId("g-state").dataset.state = data.killed ? "killed" : data.trading ? "trading" : "stopped";
  setText(byId("g-text"), data.trading ? `Trading. ${sentence(data.activity)}` : sentence(data.why_not));
}

function tell(row) {
  if (row.severity === "debug") return;
  const follow = atEnd();
  log.append(notice(row));
  if (follow) toEnd();
}

function refused(error) {
  toast(error.message, "error", error.hint);
  for (const one of document.querySelectorAll(".buttons button:disabled")) one.disabled = false;
}

const live = new Live({
  state: showState,
  heal: () => Promise.all([loadHistory(), get("/api/v1/status").then(showGlance)]).catch(failed),
  status: (answer) => {
    showGlance(answer);
    followPhone();
  },
  session: changeover,
  chat: add,
  typing: showTyping,
  alert: tell,
  refused,
});

function grow() {
  input.style.setProperty("height", "auto");
  input.style.setProperty("height", `${Math.min(input.scrollHeight, 180)}px`);
}

function send(event) {
  event?.preventDefault();
  const text = input.value;
  input.value = "";
  commands.close();
  grow();
  say(text);
}

// Enter sends, Shift+Enter starts a line, the arrow up brings back what was written before.
function key(event) {
  if (commands.key(event)) return undefined;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) return send(event);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !written.length || (input.value && input.value !== written[recall])) return undefined;
  event.preventDefault();
  recall = Math.max(0, Math.min(written.length, recall + step));
  input.value = written[recall] ?? "";
  return grow();
}

// A picture is higher than the room that was kept for it.
log.addEventListener("load", (event) => box.scrollHeight - box.scrollTop - box.clientHeight < event.target.clientHeight + 200 && toEnd(), true);

startShell();
fill(byId("send"), icon(ICONS.send, 20));
fill(byId("suggestions"), SUGGESTIONS.map((text) => h("button", { type: "button", onclick: () => say(text) }, text)));
byId("session").addEventListener("change", choose);
byId("form").addEventListener("submit", send);
byId("earlier").addEventListener("click", () => loadEarlier().catch(failed));
input.addEventListener("keydown", key);
input.addEventListener("input", grow);
if (matchMedia("(pointer: fine)").matches) input.focus();
