import fc from "fast-check";
import { expect, test } from "vitest";
import { canReach, GITHUB_COM, githubHost } from "./hosts.ts";

const GHES = {
  webUrl: "https://ghe.example.com",
  apiUrl: "https://ghe.example.com/api/v3",
  issuer: "https://ghe.example.com/_services/token",
};
const RESIDENT = {
  webUrl: "https://acme.ghe.com",
  apiUrl: "https://api.acme.ghe.com",
  issuer: "https://token.actions.acme.ghe.com",
};

test.each([
  ["github.com", GITHUB_COM],
  ["https://github.com/", GITHUB_COM],
  ["https://www.github.com/acme/infra", GITHUB_COM],
  ["https://api.github.com", GITHUB_COM],
  ["ghe.example.com", GHES],
  [" https://GHE.example.com/ ", GHES],
  ["https://ghe.example.com/api/v3", GHES],
  ["https://ghe.example.com/organizations/acme/settings/apps", GHES],
  ["acme.ghe.com", RESIDENT],
  ["https://api.acme.ghe.com", RESIDENT],
  [
    "http://127.0.0.1:8443",
    {
      webUrl: "http://127.0.0.1:8443",
      apiUrl: "http://127.0.0.1:8443/api/v3",
      issuer: "http://127.0.0.1:8443/_services/token",
    },
  ],
])("people mean one host by many addresses: %s", (address, host) => {
  expect(githubHost(address)).toEqual(host);
});

test.each([
  ["http://ghe.example.com", /https/],
  ["ftp://ghe.example.com", /https/],
  ["https://ann:secret@ghe.example.com", /password/],
  ["", /no address/],
  ["a b", /no address/],
  [`${"a".repeat(300)}.example.com`, /too long/],
])("what is no host that keys may go to is refused with the reason: %s", (address, why) => {
  expect(githubHost(address)).toMatch(why);
});

test("whatever somebody types, the answer is a reason or addresses of one protocol", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z:/.@0-9-]{0,40}$/)), (text) => {
      const host = githubHost(text);
      if (typeof host === "string") return;
      for (const url of [host.webUrl, host.apiUrl, host.issuer]) {
        expect(new URL(url).protocol).toBe("https:");
      }
    }),
  );
});

test("a server on somebody's own machine is reached only by a GitHub there", () => {
  const local = githubHost("http://localhost:9");
  if (typeof local === "string") throw new Error(local);
  expect(canReach(GITHUB_COM, "http://127.0.0.1:8080")).toBe(false);
  expect(canReach(local, "http://127.0.0.1:8080")).toBe(true);
  expect(canReach(GITHUB_COM, "https://terrane.example.com")).toBe(true);
});
