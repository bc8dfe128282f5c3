// Elements are built, never parsed: whatever Zyn or a market says stays text.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "class") element.className = value;
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "vars") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  else element.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(path, size = 16) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  svg.classList.add("icon");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  shield: "M12 3l7 3v5c0 4.6-2.9 8.2-7 10-4.1-1.8-7-5.4-7-10V6z",
  warn: "M12 4l9 16H3zM12 10v4.5M12 17.5v.2",
  send: "M4 12l16-8-6 16-3-7z",
  back: "M15 5l-7 7 7 7",
};

export const byId = (id) => document.getElementById(id);

// Replaces what is inside only when it differs, so that a screen reader and a text selection are left in peace.
export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
  return element;
}

// Keeps rows that are the same as before; `keyOf` names a row, `textOf` says whether it changed.
export function reconcile(parent, rows, keyOf, make) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const next = rows.map((row) => {
    const key = keyOf(row);
    const print = JSON.stringify(row);
    const kept = old.get(key);
    if (kept && kept.zynPrint === print) return kept;
    const made = make(row, kept);
    made.dataset.key = key;
    made.zynPrint = print;
    return made;
  });
  const same = next.length === parent.children.length && next.every((one, index) => parent.children[index] === one);
  if (!same) parent.replaceChildren(...next);
}
