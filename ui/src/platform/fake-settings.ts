/** The made-up program's settings: as the real ones answer, in memory. */

import type { Change, Settings, Values } from "../bindings";
import { PlatformError } from "./platform";

const AUTOMATIC: Settings["automatic"] = ["coinbase", "binance", "yahoo", "finnhub", "ecb"];

function initial(scenario: string): Values {
  return {
    feed: scenario === "simulated" ? "simulated" : "automatic",
    providers: scenario === "simulated" ? [] : AUTOMATIC,
    poll_interval_ms: 5000,
    proxy: scenario === "overridden" ? "http://proxy.office:8080" : "",
    ca_file: "",
    broker: { who: scenario === "network" ? "my_network" : "this_computer", port: 1883, services: ["mqtt"] },
    home_assistant: false,
  };
}

export class FakeSettings {
  private values: Values;
  private readonly running: string;

  constructor(private readonly scenario: string) {
    this.values = initial(scenario);
    this.running = forTheNextStart(this.values);
  }

  read(): Settings {
    const problem = "/home/me/.local/share/app.quickstocks.desktop/config.toml: invalid inline table, line 3";
    return {
      file: "/home/me/.local/share/app.quickstocks.desktop/config.toml",
      data_dir: "/home/me/.local/share/app.quickstocks.desktop",
      network_address: "192.168.1.20",
      values: structuredClone(this.values),
      overridden: this.scenario === "overridden" ? { proxy: "environment QUICKSTOCKS_NETWORK__PROXY" } : {},
      automatic: AUTOMATIC,
      ...(this.scenario === "broken" ? { problem } : {}),
      restart_needed: forTheNextStart(this.values) !== this.running,
    };
  }

  change(changes: Change[]): Settings {
    for (const change of changes) this.values = { ...this.values, ...changed(change, this.values) };
    return this.read();
  }

  reset(): void {
    this.values = initial("live");
  }
}

/** Where programs connect counts at once. */
function forTheNextStart({ broker, ...values }: Values): string {
  return JSON.stringify({ ...values, elsewhere: broker.elsewhere });
}

function changed(change: Change, { broker }: Values): Partial<Values> {
  switch (change.set) {
    case "providers":
      return change.order.length
        ? { feed: "chosen", providers: change.order }
        : { feed: "automatic", providers: AUTOMATIC };
    case "poll_interval":
      return { poll_interval_ms: change.ms };
    case "proxy":
      if (change.url && !change.url.includes("://"))
        throw new PlatformError("invalid", `config.toml: network.proxy: "${change.url}" is no address`);
      return { proxy: change.url };
    case "ca_file":
      return { ca_file: change.path };
    case "broker":
      return {
        broker: {
          ...broker,
          who: change.who,
          port: change.port,
          services: change.who === "nobody" ? [] : broker.services,
        },
      };
    case "listener": {
      const others = broker.services.filter((service) => service !== change.service);
      return { broker: { ...broker, services: change.on ? [...others, change.service] : others } };
    }
    case "home_assistant":
      return { home_assistant: change.on };
    case "web_page":
      return { web_page: change.on ? "127.0.0.1:8080" : null };
  }
}
