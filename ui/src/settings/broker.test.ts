import { expect, test } from "vitest";
import type { Settings } from "../bindings";
import { FakeSettings } from "../platform/fake-settings";
import { address, homeAssistant, listener, opens, priceTopic, reach, subscribe, subscribeSecurely } from "./broker";

const settings = (broker: Settings["values"]["broker"], network_address: string | null = "192.168.1.20"): Settings => {
  const read = new FakeSettings("live").read();
  return { ...read, network_address, values: { ...read.values, broker } };
};

test("who may connect says where, and whether a login is needed", () => {
  expect(reach(settings({ who: "nobody", port: 1883, services: ["mqtt"] }))).toBeNull();
  const here = { host: "127.0.0.1", port: 1883, login: false };
  expect(reach(settings({ who: "this_computer", port: 1883, services: ["mqtt"] }))).toEqual(here);
  const network = settings({ who: "my_network", port: 1884, services: ["mqtt"] });
  expect(reach(network)).toEqual({ host: "192.168.1.20", port: 1884, login: true });
  expect(reach({ ...network, network_address: null })).toBeNull();
});

test("an address names the user where one is needed, and never a password", () => {
  expect(address({ host: "127.0.0.1", port: 1883, login: false }, "me")).toBe("mqtt://127.0.0.1:1883");
  expect(address({ host: "2001:db8::7", port: 1, login: true }, "me")).toBe("mqtt://me@[2001:db8::7]:1");
});

test("a command says no more than it must", () => {
  const here = { host: "127.0.0.1", port: 1883, login: false };
  expect(subscribe(here, "me", "q/#", true)).toBe("mosquitto_sub -t 'q/#' -v");
  const network = { host: "192.168.1.20", port: 1884, login: true };
  expect(subscribe(network, "me", "p/AAPL", false)).toBe(
    "mosquitto_sub -h 192.168.1.20 -p 1884 -u me -P PASSWORD -t 'p/AAPL'",
  );
});

test("a sensor is named after its symbol, whatever stands in that", () => {
  expect(priceTopic("my/quote/root/quote/BTC%2FUSD")).toBe("my/quote/root/price/BTC%2FUSD");
  expect(homeAssistant("^GSPC", "q/price/^GSPC")).toBe(`mqtt:
  sensor:
    - name: "^GSPC"
      unique_id: quickstocks__gspc
      state_topic: "q/price/^GSPC"
      state_class: measurement`);
  expect(homeAssistant("VOD.L", "t", "GBP")).toMatch(/unique_id: quickstocks_vod_l\n[^]*unit_of_measurement: "GBP"$/);
});

test("only what opens to others asks first", () => {
  expect(opens("this_computer", "my_network")).toBe(true);
  expect(opens("my_network", "my_network")).toBe(false);
  expect(opens("my_network", "nobody")).toBe(false);
});

test("a listener is written as others reach it, and an encrypted command names what to trust", () => {
  const network = { host: "192.168.1.20", port: 1883, login: true };
  expect(listener("wss", "0.0.0.0:8084", network)).toBe("wss://192.168.1.20:8084");
  expect(listener("mqtts", "[::1]:8883", { ...network, host: "::1" })).toBe("mqtts://[::1]:8883");
  expect(listener("ws", null, network)).toBeNull();
  expect(subscribeSecurely("mqtts://192.168.1.20:8883", network, "me", "/a b/mqtt-cert.pem", "q/price/#")).toBe(
    "mosquitto_sub --cafile '/a b/mqtt-cert.pem' -h 192.168.1.20 -p 8883 -u me -P PASSWORD -t 'q/price/#' -v",
  );
});
