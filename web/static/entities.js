// Styled text as the Bot API describes it: ranges in UTF-16 units, which is how JavaScript counts as well.

import { h } from "./dom.js";
import { withSigns } from "./signs.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

export function styled(text, entities) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return pieces(text, sorted, 0, text.length);
}

function pieces(text, entities, start, end) {
  const out = [];
  let at = start;
  for (let index = 0; index < entities.length; index += 1) {
    const one = entities[index];
    const [from, to] = [Math.max(one.offset, start), Math.min(one.offset + one.length, end)];
    if (from < at || from >= to) continue;
    const block = BLOCKS.has(one.type);
    if (from > at) out.push(...withSigns(block ? text.slice(at, from).replace(/\n$/, "") : text.slice(at, from)));
    out.push(wrap(one.type, pieces(text, entities.slice(index + 1), from, to)));
    at = block && text[to] === "\n" ? to + 1 : to; // a block ends its line by itself
  }
  if (at < end) out.push(...withSigns(text.slice(at, end)));
  return out;
}

function wrap(type, inside) {
  if (type === "spoiler") return h("span", { class: "spoiler", tabindex: "0" }, inside);
  if (type === "bot_command") return h("span", { class: "command" }, inside);
  return h(TAGS[type] ?? "span", {}, inside);
}
