// What may ring, when it stays quiet, and what is waited for.

import { fill, h } from "./dom.js";
import { sentence, zoneName } from "./format.js";

const NAMES = {
  started: "Zyn starts", stopped: "Zyn stops", fill: "Something was bought or sold", order_refused: "An order was refused", order_unknown: "An order without an answer",
  stop_missing: "A position without its stop", stop_restored: "A stop is back", kill_switch: "The kill switch fell", rearmed: "Trading is armed again", paused: "A pause begins", resumed: "A pause ends",
  flatten: "Everything is sold", not_trading: "Trading stops", trading: "Trading goes on", trouble: "Something is lost", recovered: "It is back", price_alert: "What you wait for", notice: "Small news",
};

const STATES = [["on", "On"], ["silent", "Silent"], ["off", "Off"]];

export function showAttention(box, { data }, act) {
  const [from = "", until = ""] = data.quiet ? data.quiet.split("-") : [];
  fill(
    box,
    data.unseen && h("div", { class: "row unseen", role: "alert" }, h("p", {}, h("strong", {}, "A critical message waits for you.")), h("button", { class: "danger", onclick: () => act({ action: "ack" }) }, "I have seen it")),
    h("p", { class: "muted" }, `${data.rung_today} of at most ${data.rings_a_day} messages with a sound today; critical ones always ring.`),
    h("h3", {}, `Quiet hours (${zoneName()})`),
    quiet(from, until, act),
    h("h3", {}, "Told when it happens"),
    data.conditions.length ? h("ul", { class: "rows" }, data.conditions.map((one) => condition(one, act))) : h("p", { class: "muted" }, "You wait for nothing. A condition is told once."),
    newCondition(act),
    h("h3", {}, "What reaches the phone"),
    h("ul", { class: "switches" }, data.switches.map((one) => toggle(one, act))),
    h("div", { class: "row" }, h("p", { class: "muted" }, data.sms ? "A text message wakes you when a critical one is not seen." : "No SMS is set up: nothing can wake you when Telegram is silent."), h("button", { class: "small", disabled: !data.sms, onclick: () => act({ action: "sms_test" }) }, "Send a test SMS")),
  );
}

function given(event) {
  event.preventDefault();
  document.activeElement?.blur();
  return Object.fromEntries(new FormData(event.target));
}

function quiet(from, until, act) {
  const submit = (event) => {
    const { start, end } = given(event);
    act({ action: "quiet", hours: `${start}-${end}` });
  };
  return h(
    "form",
    { class: "line", onsubmit: submit },
    h("label", {}, "From", h("input", { type: "time", name: "start", value: from, required: true })),
    h("label", {}, "until", h("input", { type: "time", name: "end", value: until, required: true })),
    h("button", {}, "Be quiet then"),
    from && h("button", { type: "button", class: "ghost", onclick: () => act({ action: "quiet", hours: "off" }) }, "No quiet hours"),
  );
}

const condition = (one, act) => h("li", {}, h("span", {}, sentence(one.text)), h("button", { class: "small", "aria-label": `Remove: ${one.text}`, onclick: () => act({ action: "remove", number: one.number }) }, "Remove"));

function newCondition(act) {
  const submit = (event) => {
    const { coin, condition, price } = given(event);
    const symbol = coin.toUpperCase().includes("/") ? coin.toUpperCase() : `${coin.toUpperCase()}/USD`;
    act({ action: "when", symbol, condition, ...(price && { price }) });
  };
  return h(
    "form",
    { class: "line", onsubmit: submit },
    h("label", {}, "When", h("input", { name: "coin", placeholder: "ETH", required: true, pattern: "[A-Za-z0-9./]{1,20}", autocomplete: "off" })),
    h("label", {}, "is", h("select", { name: "condition" }, [["above", "above"], ["below", "below"], ["green", "in profit"], ["red", "in loss"]].map(([value, text]) => h("option", { value }, text)))),
    h("label", {}, "price", h("input", { name: "price", inputmode: "decimal", pattern: "[0-9]+([.][0-9]+)?", autocomplete: "off" })),
    h("button", {}, "Tell me"),
  );
}

function toggle({ event, state }, act) {
  const options = STATES.map(([value, text]) => h("option", { value, selected: value === state }, text));
  const name = NAMES[event] ?? sentence(event.replaceAll("_", " "));
  const change = (moved) => {
    const action = moved.target.value;
    moved.target.blur();
    act({ action, event });
  };
  return h("li", {}, h("label", {}, h("span", {}, name), h("select", { onchange: change }, options)));
}
