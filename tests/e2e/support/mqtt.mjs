/** Independent MQTT clients (mqtt.js) and what they were given. */
import mqtt from "mqtt";
import { until } from "./until.mjs";

/** A connected client and, for each topic, every payload that came. */
export class Listener {
  /**
   * @param {{host: string, port: number}} address
   * @param {string | string[]} filters
   * @param {import("mqtt").IClientOptions} [options]
   */
  static async to(address, filters, options = {}) {
    const listener = new Listener();
    listener.client = await mqtt.connectAsync({ protocol: "mqtt", ...address, reconnectPeriod: 0, connectTimeout: 5000, ...options });
    listener.client.on("message", (topic, payload, packet) => listener.#hear(topic, payload.toString(), packet.retain));
    listener.granted = await listener.client.subscribeAsync(filters);
    return listener;
  }

  constructor() {
    /** @type {Map<string, string[]>} */
    this.heard = new Map();
    this.messages = [];
  }

  #hear(topic, payload, retained) {
    this.heard.set(topic, [...(this.heard.get(topic) ?? []), payload]);
    this.messages.push({ topic, payload, retained, at: performance.now() });
  }

  /** The newest payload of a topic as JSON, or nothing. */
  latest(topic) {
    const text = this.heard.get(topic)?.at(-1);
    return text ? JSON.parse(text) : undefined;
  }

  /** The newest quote of a symbol. */
  quote(symbol) {
    return this.latest(quoteTopic(symbol));
  }

  /** The newest quote of a symbol, as soon as it meets a condition. */
  async quoteWhere(symbol, condition, within = 15_000) {
    return until(`a quote of ${symbol} where ${condition}`, () => {
      const quote = this.quote(symbol);
      return quote && condition(quote) && quote;
    }, { within, also: () => `  newest: ${this.heard.get(quoteTopic(symbol))?.at(-1)}` });
  }

  async close() {
    await this.client.endAsync(true);
  }
}

/** The public topic of a symbol's quote. */
export function quoteTopic(symbol) {
  return `quickstocks/v1/quote/${escaped(symbol)}`;
}

/** A symbol as it stands in a topic: every byte outside `A-Z a-z 0-9 . _ = ^ -` is percent-encoded. */
export function escaped(symbol) {
  return [...Buffer.from(symbol)].map((byte) => (/[A-Za-z0-9._=^-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)).join("");
}
