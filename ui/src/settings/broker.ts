/** What other programs need to read quotes: addresses and commands for the choice that was made. No password is in any. */

import type { Settings, WhoMayConnect } from "../bindings";

/** Where a password belongs in a command. */
const PASSWORD = "PASSWORD";
/** Where nothing else is said, MQTT is there. */
const MQTT_PORT = 1883;

export type Reach = { host: string; port: number; login: boolean };

/** Where and how others connect; nothing where nobody may, or where this computer is on no network. */
export function reach({ values, network_address }: Settings): Reach | null {
  const { who, port } = values.broker;
  const host = { nobody: null, this_computer: "127.0.0.1", my_network: network_address ?? null }[who];
  return host ? { host, port, login: who === "my_network" } : null;
}

/** With the user, where one is needed: what a client asks for beside it is the password. */
export function address({ host, port, login }: Reach, user: string): string {
  return `mqtt://${login ? `${user}@` : ""}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export function subscribe({ host, port, login }: Reach, user: string, topic: string, names: boolean): string {
  const where = `${host === "127.0.0.1" ? "" : `-h ${host} `}${port === MQTT_PORT ? "" : `-p ${port} `}`;
  return `mosquitto_sub ${where}${login ? `-u ${user} -P ${PASSWORD} ` : ""}-t '${topic}'${names ? " -v" : ""}`;
}

/** The topic on which a symbol's bare price stands, beside that of its quote. */
export function priceTopic(quoteTopic: string): string {
  const at = quoteTopic.lastIndexOf("/quote/");
  return `${quoteTopic.slice(0, at)}/price/${quoteTopic.slice(at + "/quote/".length)}`;
}

/** For `configuration.yaml`; the broker itself is added in Home Assistant's MQTT integration. */
export function homeAssistant(symbol: string, topic: string, currency?: string | null): string {
  const id = symbol.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  const lines = [
    "mqtt:",
    "  sensor:",
    `    - name: ${JSON.stringify(symbol)}`,
    `      unique_id: quickstocks_${id}`,
    `      state_topic: ${JSON.stringify(topic)}`,
    "      state_class: measurement",
    ...(currency ? [`      unit_of_measurement: ${JSON.stringify(currency)}`] : []),
  ];
  return lines.join("\n");
}

/** Whether this opens the broker to machines that could not connect before. */
export function opens(before: WhoMayConnect, after: WhoMayConnect): boolean {
  return after === "my_network" && before !== "my_network";
}

/** Where one of the listeners is found, as others have to write it. */
export function listener(service: string, at: string | null | undefined, way: Reach | null): string | null {
  const port = at?.slice(at.lastIndexOf(":") + 1);
  if (!port || !way) return null;
  return `${service}://${way.host.includes(":") ? `[${way.host}]` : way.host}:${port}`;
}

/** For a client that trusts the certificate in this file. */
export function subscribeSecurely(address: string, way: Reach, user: string, file: string, topic: string): string {
  const port = address.slice(address.lastIndexOf(":") + 1);
  const login = way.login ? `-u ${user} -P ${PASSWORD} ` : "";
  return `mosquitto_sub --cafile '${file}' -h ${way.host} -p ${port} ${login}-t '${topic}' -v`;
}
