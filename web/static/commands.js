// What can be typed with a slash, offered while a command is being typed: arrows choose, Tab or Enter takes.

import { byId, fill, h } from "./dom.js";
import { get } from "./net.js";

export class CommandList {
  #input;
  #list = byId("commands");
  #rows = [];
  #shown = [];
  #at = 0;

  constructor(input) {
    this.#input = input;
    input.addEventListener("input", () => this.#look());
    input.addEventListener("blur", () => this.close());
  }

  // Whether a key was meant for the list.
  key(event) {
    if (this.#list.hidden) return false;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const whole = this.#shown[this.#at].command === this.#input.value;
    if (step) this.#mark((this.#at + step + this.#shown.length) % this.#shown.length);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" || (event.key === "Enter" && !whole)) this.#take(this.#shown[this.#at]);
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.#list.hidden = true;
    this.#input.removeAttribute("aria-activedescendant");
  }

  async #look() {
    const word = this.#input.value;
    if (!/^\/\w*$/.test(word)) return this.close();
    if (!this.#rows.length) this.#rows = await get("/api/v1/commands").then(({ data }) => data, () => []);
    if (word !== this.#input.value) return undefined;
    this.#shown = this.#rows.filter((row) => row.command.startsWith(word));
    if (!this.#shown.length) return this.close();
    fill(this.#list, this.#shown.map((row, index) => this.#option(row, index)));
    this.#list.hidden = false;
    return this.#mark(0);
  }

  // The press and not the click, so that the box keeps the keyboard.
  #option(row, index) {
    const take = (event) => {
      event.preventDefault();
      this.#take(row);
    };
    return h("li", { id: `command-${index}`, role: "option", onmousedown: take }, h("b", {}, row.command), h("span", {}, row.summary));
  }

  #mark(index) {
    this.#at = index;
    [...this.#list.children].forEach((one, number) => one.setAttribute("aria-selected", String(number === index)));
    this.#list.children[index].scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", `command-${index}`);
  }

  #take(row) {
    this.#input.value = row.usage === row.command ? row.command : `${row.command} `;
    this.close();
    this.#input.focus();
  }
}
