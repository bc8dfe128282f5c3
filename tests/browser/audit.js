// What a reader with weak eyes, a keyboard or a screen reader would stumble over. Evaluates to a list of faults.
(() => {
  const faults = [];
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility !== "hidden" && !element.closest("[hidden]");
  };
  const label = (element) => `${element.tagName.toLowerCase()}#${element.id}.${element.className} "${(element.innerText ?? "").slice(0, 40)}"`;
  const nameOf = (element) => {
    const by = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    return (element.getAttribute("aria-label") || by.trim() || element.labels?.[0]?.textContent || element.textContent || element.getAttribute("alt") || element.querySelector("img")?.alt || element.title || "").trim();
  };

  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title) faults.push("no title");
  if (document.querySelectorAll("main").length !== 1) faults.push("not exactly one main");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not exactly one h1");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
  for (const element of document.querySelectorAll("button, a[href], input:not([type=hidden]), textarea, [role=img], [role=meter], nav, [role=tablist], [role=log], dialog")) {
    if (seen(element) && !nameOf(element)) faults.push(`no name: ${label(element)}`);
  }
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) faults.push(`no alt: ${image.src}`);
  for (const element of document.querySelectorAll("[aria-controls], [aria-labelledby]")) {
    for (const id of [element.getAttribute("aria-controls"), element.getAttribute("aria-labelledby")].filter(Boolean)) {
      if (!document.getElementById(id)) faults.push(`points nowhere: ${label(element)} -> ${id}`);
    }
  }
  for (const element of document.querySelectorAll("button, input:not([type=hidden]), textarea")) {
    const box = element.getBoundingClientRect();
    if (seen(element) && (box.width < 24 || box.height < 24)) faults.push(`too small to hit: ${label(element)}`);
  }
  for (const element of document.querySelectorAll("*")) {
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "auto" && seen(element)) {
      const reachable = element.tabIndex >= 0 || element.querySelector("button, a[href]");
      if (!reachable) faults.push(`scrolls but cannot be reached by keyboard: ${label(element)}`);
    }
  }

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const faded = (element) => {
    let alpha = 1;
    for (let at = element; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    return alpha;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !seen(element) || element.closest("script, .visually-hidden, .skeleton, .skip, .spoiler, canvas, :disabled")) continue;
    const style = getComputedStyle(element);
    const back = ground(element);
    const ink = rgba(style.color);
    ink[3] *= faded(element);
    const [one, other] = [light(over(ink, back)), light(back)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${label(element)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the window: ${document.documentElement.scrollWidth} > ${innerWidth}`);
  return [...new Set(faults)];
})();
