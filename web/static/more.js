// What stands behind the figures: each section asks for its part when it is looked at, and again while it is.

import { byId, fill, h } from "./dom.js";
import { get, Live } from "./net.js";
import { showAttention } from "./attention.js";
import { EquityChart } from "./equity.js";
import { showGauges } from "./feeds.js";
import { showLearning } from "./learning.js";
import { showMandate } from "./mandate.js";
import { showParity } from "./parity.js";
import { command, failed, learnTime, showAge, showState, signOut, startShell, toast } from "./shell.js";
import { Settings } from "./settings.js";
import { showUniverse } from "./universe.js";

const EVERY_MS = 4000;
const curve = new EquityChart();
const settings = new Settings();

// What a section shows: the GETs it is made of, and who draws it.
const SECTIONS = {
  equity: { paths: ["equity?limit=2000"], show: ([answer]) => curve.show(answer) },
  learning: { paths: ["learning"], show: ([{ data }]) => showLearning(byId("learning-body"), data, deed("learning")) },
  parity: { paths: ["parity?limit=50"], show: ([answer]) => showParity(byId("parity-body"), answer) },
  universe: { paths: ["universe"], show: ([{ data }]) => showUniverse(byId("universe-body"), data, deed("universe")) },
  mandate: {
    paths: ["mandate", "risk"],
    show: ([mandate, risk]) => showMandate(byId("mandate-body"), mandate.data, risk.data, { mandate: deed("mandate"), risk: deed("set_risk") }),
  },
  attention: { paths: ["attention"], show: ([{ data }]) => showAttention(byId("attention-body"), data, deed("alerts")) },
  health: { paths: ["health"], show: ([answer]) => showGauges(byId("health-body"), answer) },
  settings: { paths: ["settings"], show: ([{ data }]) => settings.show(data), once: true },
};
const seen = new Set();
const asked = new Map(); // section -> when
const asOf = {};

// Asks for a section unless its owner is just filling in one of its fields.
async function refresh(name, force = false) {
  const box = byId(name);
  if (!force && box.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return;
  asked.set(name, performance.now());
  const { paths, show } = SECTIONS[name];
  try {
    const answers = await Promise.all(paths.map((path) => get(`/api/v1/${path}`)));
    asOf[name] = answers[0].as_of;
    box.dataset.state = "shown";
    await show(answers);
  } catch (error) {
    trouble(name, error);
  }
}

// What this service does not offer is not shown; what fails is said in its place.
function trouble(name, error) {
  if (error.code === "unknown_intent") {
    byId(name).hidden = true;
    document.querySelector(`.index a[href="#${name}"]`).hidden = true;
    seen.delete(name);
  } else if (byId(name).dataset.state === "shown" || error.status === 401) failed(error);
  else fill(byId(`${name}-body`) ?? byId("equity-facts"), h("p", { class: "empty" }, h("strong", {}, error.message), error.hint));
}

// Carries out an entry of the registry for a section, asking first when it needs a yes, and shows what came of it.
function deed(intent) {
  return async (slots) => {
    try {
      const said = await command(`/api/v1/do/${intent}`, slots);
      if (said) toast(said);
    } catch (error) {
      failed(error);
    }
    await Promise.all([...seen].filter((name) => !SECTIONS[name].once).map((name) => refresh(name, true)));
  };
}

function follow({ data }) {
  learnTime(data);
  const now = performance.now();
  for (const name of seen) if (!SECTIONS[name].once && now - (asked.get(name) ?? -EVERY_MS) >= EVERY_MS) refresh(name);
}

const watcher = new IntersectionObserver(
  (rows) => {
    for (const { target, isIntersecting } of rows) {
      if (!isIntersecting) seen.delete(target.id);
      else if (!target.hidden) {
        seen.add(target.id);
        if (performance.now() - (asked.get(target.id) ?? 0) > EVERY_MS) refresh(target.id);
      }
    }
  },
  { rootMargin: "200px" },
);

function markIndex() {
  const here = Object.keys(SECTIONS).findLast((name) => byId(name).getBoundingClientRect().top < 140) ?? "equity";
  for (const link of document.querySelectorAll(".index a")) {
    if (link.hash === `#${here}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

let arrived = false;

// Everything once; then to the section that was asked for, which has its height only now.
async function all() {
  await Promise.all(Object.keys(SECTIONS).map((name) => refresh(name)));
  if (!arrived && location.hash) byId(location.hash.slice(1))?.scrollIntoView();
  arrived = true;
}

startShell();
new Live({
  state: showState,
  heal: () => get("/api/v1/status").then(follow).then(all).catch(failed),
  status: follow,
  trades: () => ["equity", "parity"].filter((name) => seen.has(name)).forEach((name) => refresh(name)),
  alert: (row) => row.severity !== "debug" && toast(row.text, row.severity),
});
for (const name of Object.keys(SECTIONS)) watcher.observe(byId(name));
setInterval(() => Object.keys(SECTIONS).forEach((name) => showAge(byId(`${name}-age`), asOf[name])), 1000);
addEventListener("scroll", markIndex, { passive: true });
markIndex();
byId("here").addEventListener("click", () => signOut());
byId("everywhere").addEventListener("click", () => signOut(true));
