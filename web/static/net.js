// Talking to Zyn: GETs, changes with the session's token, and one socket that heals itself.

let csrf = "";

export class Failure extends Error {
  constructor(status, error) {
    super(error.message);
    Object.assign(this, { status, code: error.code, hint: error.hint });
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Failure(0, { code: "unreachable", message: "Zyn does not answer.", hint: "Is it running?" });
  }
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    throw new Failure(401, { code: "signed_out", message: "Signed out.", hint: "" });
  }
  csrf = response.headers.get("X-CSRF-Token") ?? csrf;
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Failure(response.status, body?.error ?? { code: "broken", message: "Zyn gave no usable answer.", hint: "" });
  return body;
}

export const get = (path) => call(path);

export async function post(path, body, id = commandId()) {
  if (!csrf) await get("/api/v1/status");
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": id };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

// Names one click, so that pressing twice is one command.
export function commandId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const SILENCE_MS = 15_000;

// `state` is live, lost or connecting; `heal` runs after every connection so that nothing stays missed.
export class Live {
  #socket = null;
  #heard = 0;
  #tries = 0;
  #handlers;
  #watching = "";

  constructor(handlers) {
    this.#handlers = handlers;
    this.#connect();
    setInterval(() => this.#listen(), 2000);
    addEventListener("online", () => this.#again());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#listen());
    for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => this.#here(), { passive: true });
  }

  send(type, value = "") {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ type, value }));
    return true;
  }

  watch(symbol) {
    this.#watching = symbol;
    this.send("watch", symbol);
  }

  #connect() {
    this.#say("connecting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.#heard = performance.now();
      this.#say("live");
      if (this.#watching) this.send("watch", this.#watching);
      this.#handlers.heal?.();
    };
    socket.onmessage = (event) => {
      this.#heard = performance.now();
      const { topic, data } = JSON.parse(event.data);
      this.#handlers[topic]?.(data);
    };
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #lost() {
    this.#socket = null;
    this.#say("lost");
    const pause = Math.min(8000, 400 * 2 ** this.#tries++) * (0.7 + Math.random() * 0.6);
    setTimeout(() => this.#again(), pause);
    if (this.#tries > 1) get("/api/v1/status").catch(() => {}); // a session that ended leads to the login
  }

  #again() {
    if (!this.#socket) this.#connect();
  }

  #listen() {
    const silent = performance.now() - this.#heard > SILENCE_MS;
    if (this.#socket?.readyState === WebSocket.OPEN && silent) {
      const socket = this.#socket;
      this.#lost();
      socket.close();
    }
  }

  #lastHere = 0;

  #here() {
    if (performance.now() - this.#lastHere < 300_000) return;
    this.#lastHere = performance.now();
    this.send("here");
  }

  #say(state) {
    this.#handlers.state?.(state);
  }
}
