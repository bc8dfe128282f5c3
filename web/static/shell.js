// What every page has: the connection's state, the market's clock, short notices, and the question before a deed.

import { byId, fill, h, icon, ICONS, setText } from "./dom.js";
import { full, seconds, setZone, span, typeset } from "./format.js";
import { post } from "./net.js";

const STATES = {
  live: ["Connected", "Figures update by themselves."],
  connecting: ["Connecting", "Connecting to Zyn."],
  lost: ["Reconnecting", "The connection to Zyn is lost. Figures may be old; this page reconnects by itself."],
};

const WORLDS = {
  demo: ["Demo", "A made-up market on this machine. No real money."],
  paper: ["Paper", "Real prices, pretend money."],
  validate: ["Validate", "Orders are checked by Kraken and never placed."],
  live: ["Live", "Real money on Kraken."],
};

const marketBase = { ms: 0, at: 0, speed: 1, currency: "" };
const STALE_MARKET_MS = 180_000;
const STALE_WALL_MS = 15_000;

export function showState(state) {
  const pill = byId("link");
  if (!pill) return;
  const [word, meaning] = STATES[state];
  pill.dataset.state = state;
  pill.title = meaning;
  setText(pill.lastElementChild, word);
  document.body.classList.toggle("is-lost", state === "lost");
  const notice = byId("lost");
  if (notice) notice.hidden = state !== "lost";
}

export function learnTime(status) {
  setZone(status.timezone);
  Object.assign(marketBase, { ms: Date.parse(status.market_time), at: performance.now(), speed: status.speed, currency: status.currency });
  showWorld(status);
}

export const marketNow = () => (marketBase.at ? marketBase.ms + (performance.now() - marketBase.at) * marketBase.speed : Date.now());
export const marketSpeed = () => marketBase.speed;
export const currency = () => marketBase.currency;

// How old a fact may be before the page says so: three minutes of market, and never under 15 s of ours.
export const staleAfter = () => Math.max(STALE_MARKET_MS, STALE_WALL_MS * marketBase.speed);

export function showAge(element, asOf) {
  if (!element || !asOf) return;
  const age = marketNow() - Date.parse(asOf);
  const stale = age > staleAfter() || document.body.classList.contains("is-lost");
  element.classList.toggle("is-stale", stale);
  element.hidden = !stale;
  if (stale) setText(element, `as of ${seconds(Date.parse(asOf))}, ${span(age)} old`);
}

function showWorld(status) {
  const [word, meaning] = WORLDS[document.body.dataset.mode] ?? WORLDS.demo;
  const speed = status.speed > 1 ? ` Time runs ${status.speed}\u00d7 faster here.` : "";
  setText(byId("world-name"), word);
  setText(byId("world-text"), meaning + speed);
}

function tick() {
  const face = byId("clock");
  if (!face || !marketBase.at) return;
  const now = marketNow();
  setText(face, marketBase.speed > 1 ? seconds(now).slice(0, 5) : seconds(now));
  face.title = `Market time: ${full(now)}`;
}

export function toast(text, kind = "info", hint = "") {
  const region = byId("toasts");
  if (!region) return;
  if (kind === "error") for (const old of [...region.children]) if (old.firstElementChild.textContent === typeset(text)) old.remove(); // once is enough
  const note = h("div", { class: `toast toast-${kind}` }, h("p", {}, typeset(text)), hint && h("p", { class: "hint" }, hint));
  const close = h("button", { class: "ghost small", "aria-label": "Dismiss", onclick: () => note.remove() }, icon(ICONS.cross, 14));
  note.append(close);
  region.append(note);
  while (region.children.length > 3) region.firstElementChild.remove();
  if (kind !== "error") setTimeout(() => note.remove(), 7000);
}

export const failed = (error) => error.status === 401 || toast(error.message, "error", error.hint ?? "");

// Asks before a deed. Resolves to whether the deed was confirmed.
export function ask(title, lines, yes, danger = true) {
  const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-title" });
  const button = h("button", { class: danger ? "danger" : "primary", value: "yes" }, yes);
  const list = h("ul", {}, lines.map((line) => h("li", {}, line)));
  const keep = h("button", { value: "no", autofocus: true }, "Keep as it is");
  fill(dialog, h("form", { method: "dialog" }, h("h2", { id: "ask-title" }, title), list, h("div", { class: "row" }, keep, button)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

// Runs a command of the registry; a proposal is shown and, on a yes, pressed. Resolves to what came of it.
export async function command(path, slots = {}) {
  const { data } = await post(path, slots);
  if (!data.proposal) return data.text;
  const { summary, lines, token } = data.proposal;
  if (!(await ask(`${summary}?`, lines, "Yes, do it"))) {
    await post("/api/v1/press", { action: `no:${token}` });
    return "";
  }
  const said = await post("/api/v1/press", { action: `yes:${token}` });
  return said.data.flatMap((message) => message.blocks.filter((block) => block.type === "text").map((block) => block.text)).join(" ");
}

export async function signOut(everywhere = false) {
  await post(everywhere ? "/logout?everywhere=1" : "/logout", {}).catch(() => {});
  location.assign("/login");
}

// Arrow keys go from tab to tab, as a screen reader's user expects.
function walkTabs(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const list = event.target.closest?.("[role=tablist]");
  if (!step || !list) return;
  const tabs = [...list.querySelectorAll("[role=tab]")];
  tabs.at((tabs.indexOf(event.target) + step) % tabs.length)?.focus();
  event.preventDefault();
}

export function startShell() {
  if (byId("world-name")) showWorld(marketBase);
  document.addEventListener("keydown", walkTabs);
  setInterval(tick, 500);
  byId("sign-out")?.addEventListener("click", () => signOut());
}
