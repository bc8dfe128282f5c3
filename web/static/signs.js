// The signs that Zyn writes before its news, drawn where this machine has no font for them.

import { h, icon, ICONS } from "./dom.js";

const DRAWN = {
  "\u{1f44b}": "M7 12V6.5a1.5 1.5 0 013 0V11M10 10V4.5a1.5 1.5 0 013 0V11M13 10V5.5a1.5 1.5 0 013 0V12M16 9.5a1.5 1.5 0 013 0V15a6 6 0 01-6 6h-1a6 6 0 01-5.2-3L4 13.5a1.6 1.6 0 012.7-1.6L8 13.5", // hello
  "\u{1f4a4}": "M20 14.5A8.5 8.5 0 119.5 4 7 7 0 0020 14.5z", // asleep
  "\u{1f4b1}": "M4 8h14l-3.5-3.5M20 16H6l3.5 3.5", // a fill
  "\u{1f3c1}": "M6 21V4h12l-2.5 4 2.5 4H6", // a position closed
  "\u{1f9f9}": "M19 4l-7 8M8 11l6 5-3 4H4l1-5z", // flattened
  "\u23f8": "M8 5v14M16 5v14",
  "\u25b6": "M7 4.5l12 7.5-12 7.5z",
  "\u2705": ICONS.check,
  "\u2139": "M12 3a9 9 0 100 18 9 9 0 000-18M12 11v5.5M12 7.5v.2",
  "\u{1f4ca}": "M5 20v-9M12 20V4M19 20v-6", // the day
  "\u{1f5d3}": "M4 6h16v14H4zM4 10.5h16M8 3v4M16 3v4", // the week
  "\u2600": "M12 8a4 4 0 100 8 4 4 0 000-8M12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3L7 7M17 17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7", // the morning
  "\u{1f514}": "M6 17v-6a6 6 0 0112 0v6l1.5 1.5h-15zM10 21h4", // what was waited for
  "\u{1f4cb}": "M6 4h12v17H6zM9 4a3 3 0 016 0M9 10h6M9 14h6", // a report
  "\u26a0": ICONS.warn,
  "\u{1f6a8}": "M6 18v-5a6 6 0 0112 0v5M4 21h16M12 2.5V4M3.5 8L5 9M20.5 8L19 9", // critical
  "\u{1f504}": "M4 12a8 8 0 0113.7-5.6L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 01-13.7 5.6L4 15.5M4 20v-4.5h4.5", // refresh
  "\u{1f44c}": "M12 3a9 9 0 100 18 9 9 0 000-18M8 12.5l2.8 2.8L16 9.5", // seen
};
const SIGNS = new RegExp(`(${Object.keys(DRAWN).join("|")})\\ufe0f?`, "u");

let coloured = null;

// A font for such signs paints them in colours; a missing one leaves a grey box.
function fontKnows() {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.font = "16px sans-serif";
  pen.fillText("\u{1f44b}", 0, 16);
  const { data } = pen.getImageData(0, 0, 20, 20);
  return data.some((value, index) => index % 4 === 0 && (value !== data[index + 1] || value !== data[index + 2]));
}

// The text with its signs as this machine can show them.
export function withSigns(text) {
  coloured ??= fontKnows();
  if (coloured || !SIGNS.test(text)) return [text];
  return text.split(SIGNS).map((piece) => (Object.hasOwn(DRAWN, piece) ? h("span", { class: "sign" }, icon(DRAWN[piece], 16)) : piece));
}
