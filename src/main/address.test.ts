import { expect, test } from "vitest";
import { addressOf, knownHosts } from "./address.ts";

test.each([
  ["127.0.0.1", "http://127.0.0.1:8080"],
  ["127.1.2.3", "http://127.1.2.3:8080"],
  ["localhost", "http://localhost:8080"],
  ["::1", "http://[::1]:8080"],
])("on %s it is reached at %s", (host, url) => {
  expect(addressOf(host, 8080, undefined)).toBe(url);
});

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.7",
  "terrane.example.com",
  "127.0.0.1.example.com",
  "127.0.0.300",
])("listening on %s needs the address that others use", (host) => {
  expect(() => addressOf(host, 8080, undefined)).toThrow("set TERRANE_URL");
  expect(addressOf(host, 8080, "https://terrane.example.com")).toBe("https://terrane.example.com");
});

test.each(["", " "])("an empty address is not every address: %j", (host) => {
  expect(() => addressOf(host, 8080, "https://terrane.example.com")).toThrow("--host is empty");
});

test("a server answers to its own machine, to its address and to what was added", () => {
  const known = knownHosts(8080, "https://terrane.example.com", ["terrane.internal:8080"]);
  for (const name of ["127.0.0.1:8080", "[::1]:8080", "terrane.example.com"]) {
    expect(known.has(name)).toBe(true);
  }
  expect(known.has("terrane.internal:8080")).toBe(true);
  expect(known.has("10.0.0.7:8080")).toBe(false);
});
