import { expect, test } from "vitest";
import { type AppFinding, judgeApp } from "./judge.ts";
import type { AppFacts, AppInstallation } from "./look.ts";
import { EVENTS, PERMISSIONS } from "./permissions.ts";

const LEAST = Object.fromEntries(PERMISSIONS.map(({ name, level }) => [name, level]));
const HOOK = "https://terrane.example.com/api/v1/webhooks/github";
const EXPECTED = { key: "github", webUrl: "https://github.com", webhookUrl: HOOK, upgrades: [] };
const SELF = {
  id: "7",
  slug: "terrane",
  name: "Terrane",
  url: "https://github.com/apps/terrane",
  owner: { login: "acme", isOrganization: true },
  permissions: LEAST,
  events: EVENTS.map(({ name }) => name),
};
const INSTALLATION: AppInstallation = {
  id: "1",
  account: "acme",
  url: "https://github.com/organizations/acme/settings/installations/1",
  suspended: false,
  permissions: LEAST,
  events: [],
  all: true,
  repositories: { total: 2, names: ["acme/a", "acme/b"] },
};
const AWAY = { kind: "unavailable", message: "GitHub is away", retryAfterMs: undefined } as const;

function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}

const delivery = (status: number) => ({ at: "2026-01-02T03:04:05Z", event: "push", status });

const GOOD: AppFacts = {
  self: ok(SELF),
  hook: ok({ url: HOOK, json: true, hasSecret: true, verifiesTls: true }),
  deliveries: ok([delivery(200)]),
  installations: ok([INSTALLATION]),
};

function bad(facts: Partial<AppFacts>, upgrades: readonly string[] = []): readonly AppFinding[] {
  return judgeApp({ ...GOOD, ...facts }, { ...EXPECTED, upgrades }).filter(
    ({ state }) => state !== "ok",
  );
}

test("an App that has the least, no more, and is installed has nothing to mend", () => {
  expect(bad({})).toEqual([]);
});

const { checks: _left, ...WITHOUT_CHECKS } = LEAST;

test.each<[string, Partial<AppFacts>, readonly string[], Partial<AppFinding>]>([
  [
    "a permission that the App has not asked for",
    { self: ok({ ...SELF, permissions: WITHOUT_CHECKS }) },
    [],
    {
      name: "permissions",
      state: "missing",
      url: "https://github.com/organizations/acme/settings/apps/terrane/permissions",
    },
  ],
  [
    "an upgrade that was chosen and is not granted",
    {},
    ["merge"],
    { name: "permissions", state: "missing" },
  ],
  [
    "more than is needed",
    { self: ok({ ...SELF, permissions: { ...LEAST, administration: "write" } }) },
    [],
    { name: "least_privilege", state: "note" },
  ],
  [
    "an event without which nothing is planned",
    { self: ok({ ...SELF, events: SELF.events.filter((one) => one !== "pull_request") }) },
    [],
    { name: "events", state: "missing" },
  ],
  [
    "an event that only adds buttons",
    { self: ok({ ...SELF, events: SELF.events.filter((one) => one !== "check_run") }) },
    [],
    { name: "events", state: "note" },
  ],
  [
    "a webhook without a secret",
    { hook: ok({ url: HOOK, json: true, hasSecret: false, verifiesTls: true }) },
    [],
    { name: "webhook", state: "missing" },
  ],
  [
    "no webhook at all",
    { hook: ok({ url: "", json: false, hasSecret: false, verifiesTls: true }) },
    [],
    {
      name: "webhook",
      state: "missing",
      detail: "The App has no webhook, so GitHub tells nothing.",
    },
  ],
  [
    "a secret that differs",
    { deliveries: ok([delivery(401), delivery(200)]) },
    [],
    { name: "deliveries", state: "missing", next: expect.stringContaining("secret") },
  ],
  [
    "a server that was not reached",
    { deliveries: ok([delivery(0)]) },
    [],
    { name: "deliveries", state: "missing", next: expect.stringContaining("firewall") },
  ],
  ["a log that is away", { deliveries: AWAY }, [], { name: "deliveries", state: "unknown" }],
  [
    "no installation",
    { installations: ok([]) },
    [],
    { name: "installations", url: "https://github.com/apps/terrane/installations/new" },
  ],
  [
    "an installation that is suspended",
    { installations: ok([{ ...INSTALLATION, suspended: true }]) },
    [],
    { name: "installation:acme", state: "missing", url: INSTALLATION.url },
  ],
  [
    "an installation that has not accepted a permission",
    { installations: ok([{ ...INSTALLATION, permissions: WITHOUT_CHECKS }]) },
    [],
    { name: "installation:acme", state: "missing", url: INSTALLATION.url },
  ],
  [
    "an installation on no repository",
    { installations: ok([{ ...INSTALLATION, repositories: { total: 0, names: [] } }]) },
    [],
    { name: "installation:acme", detail: "It covers no repository." },
  ],
])("one finding names %s, and what to do about it", (_, facts, upgrades, finding) => {
  const found = bad(facts, upgrades);
  expect(found).toMatchObject([finding]);
  if (found[0]?.state !== "unknown") expect(found[0]?.next).toMatch(/\w{3}/);
});

test("each permission that is missing stands there with its reason", () => {
  const [found] = bad({ self: ok({ ...SELF, permissions: { metadata: "read" } }) });
  for (const { name, label, reason } of PERMISSIONS) {
    if (name === "metadata") continue;
    expect(found?.detail).toContain(`${label}: `);
    expect(found?.detail).toContain(reason);
  }
});

test("what the App may do anyway counts as chosen, and not as too much", () => {
  const more = { ...LEAST, members: "read" };
  expect(
    bad({
      self: ok({ ...SELF, permissions: more }),
      installations: ok([{ ...INSTALLATION, permissions: more }]),
    }),
  ).toEqual([]);
});

test("a GitHub that is away is no reason to make a new key", () => {
  expect(bad({ self: AWAY })).toMatchObject([{ name: "credentials", state: "unknown" }]);
  const refused = { kind: "forbidden", message: "401" } as const;
  expect(bad({ self: refused })).toMatchObject([{ name: "credentials", state: "missing" }]);
});
