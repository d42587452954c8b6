import { afterEach, beforeEach, expect, test } from "vitest";
import { convertManifest } from "../../src/vcs/github/app/conversion.ts";
import { githubHost } from "../../src/vcs/github/app/hosts.ts";
import { judgeApp } from "../../src/vcs/github/app/judge.ts";
import { lookAtApp, setHook } from "../../src/vcs/github/app/look.ts";
import { appManifest, registrationUrl } from "../../src/vcs/github/app/manifest.ts";
import { UPGRADES, wanted } from "../../src/vcs/github/app/permissions.ts";
import { createGithub } from "../../src/vcs/github/github.ts";
import { type GitHubDouble, startGitHubDouble } from "../support/github-double/index.ts";
import { createRepository } from "../support/github-double/scene.ts";

const SERVER = "http://127.0.0.1:8080";
const EVERYTHING = UPGRADES.map(({ name }) => name);
const AGENT = "terrane/test";

let double: GitHubDouble;
beforeEach(async () => {
  double = await startGitHubDouble();
});
afterEach(async () => {
  const problems = double.violations();
  await double.close();
  expect(problems).toEqual([]);
});

function client() {
  return createGithub({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    webhookSecrets: ["secret"],
    userAgent: AGENT,
    now: Date.now,
  }).client;
}

/** What a browser does: it sends the form, and the person agrees. */
async function agree(organization: string | undefined, upgrades: readonly string[]): Promise<URL> {
  const host = githubHost(double.url);
  if (typeof host === "string") throw new Error(host);
  const wish = { name: "Terrane of Acme", key: "github", serverUrl: SERVER, upgrades };
  const manifest = JSON.stringify(appManifest({ ...wish, withWebhook: true }));
  const send = (url: string, fields: Record<string, string>) =>
    fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  const asked = await send(registrationUrl(host, organization, "a state"), { manifest });
  const page = await asked.text();
  const action = /action="([^"]+)"/.exec(page)?.[1];
  if (action === undefined) throw new Error(page);
  const made = await send(double.url + action, { name: "Terrane of Acme" });
  return new URL(made.headers.get("location") ?? "");
}

test.each([
  ["a person, with the least", undefined, []],
  ["an organization, with every upgrade", "acme", EVERYTHING],
] as const)(
  "GitHub takes the manifest of %s, and gives the App for its code once",
  async (_, organization, upgrades) => {
    double.organization("acme");
    const back = await agree(organization, upgrades);
    expect(`${back.origin}${back.pathname}`).toBe(`${SERVER}/apps/connected`);
    expect(back.searchParams.get("state")).toBe("a state");
    const code = back.searchParams.get("code") ?? "";
    const options = { apiUrl: double.apiUrl, userAgent: AGENT };
    const converted = await convertManifest(options, code);
    expect(converted).toMatchObject({
      kind: "ok",
      value: {
        name: "Terrane of Acme",
        appId: String(double.app.id),
        privateKey: double.app.privateKey,
      },
    });
    expect(double.world.app.webhook).toMatchObject({ url: `${SERVER}/api/v1/webhooks/github` });
    expect(await convertManifest(options, code)).toMatchObject({ kind: "not_found" });
    const { permissions, events } = wanted(upgrades);
    const { app } = double.world;
    expect(app.permissions).toEqual(Object.fromEntries(permissions.map((p) => [p.name, p.level])));
    expect(app.events).toEqual(events.map(({ name }) => name));
    const facts = await lookAtApp(client());
    const webhookUrl = `${SERVER}/api/v1/webhooks/github`;
    const expected = { key: "github", webUrl: double.url, webhookUrl, upgrades };
    const wrong = judgeApp(facts, expected).filter(({ state }) => state === "missing");
    expect(wrong.map(({ name }) => name)).toEqual(["installations"]);
  },
);

test("a look at an App tells where its webhook goes, and setting it mends that", async () => {
  const { account } = double.organization("acme");
  await createRepository(double, account, "infra");
  double.install(account);
  double.sendWebhooksTo("https://old.example.com/hook", "other");
  const webhookUrl = `${SERVER}/api/v1/webhooks/github`;
  const expected = { key: "github", webUrl: double.url, webhookUrl, upgrades: [] };
  const github = client();
  const webhook = async () =>
    judgeApp(await lookAtApp(github), expected).find(({ name }) => name === "webhook");
  expect(await webhook()).toMatchObject({
    state: "missing",
    detail: expect.stringContaining("https://old.example.com/hook"),
  });
  expect(await setHook(github, webhookUrl, "a new secret")).toBeUndefined();
  expect(double.world.app.webhook).toEqual({ url: webhookUrl, secret: "a new secret" });
  expect(await webhook()).toMatchObject({ state: "ok" });
});

test("an installation that has not accepted a permission is named, with where to do it", async () => {
  const { account } = double.organization("acme");
  await createRepository(double, account, "infra");
  const { id } = double.install(account, {
    permissions: { metadata: "read", contents: "read", checks: "write" },
  });
  const webhookUrl = `${SERVER}/api/v1/webhooks/github`;
  const expected = { key: "github", webUrl: double.url, webhookUrl, upgrades: [] };
  const findings = judgeApp(await lookAtApp(client()), expected);
  const found = findings.find(({ name }) => name === "installation:acme");
  expect(found).toMatchObject({ state: "missing", url: expect.stringContaining(String(id)) });
  for (const label of ["Pull requests", "Issues", "Actions"])
    expect(found?.detail).toContain(label);
});

test("an App that GitHub does not know is told from one that GitHub cannot be asked about", async () => {
  const stranger = await startGitHubDouble();
  try {
    const github = createGithub({
      apiUrl: double.apiUrl,
      appId: double.app.id,
      privateKey: stranger.app.privateKey,
      webhookSecrets: ["secret"],
      userAgent: AGENT,
      now: Date.now,
    }).client;
    const expected = { key: "github", webUrl: double.url, webhookUrl: SERVER, upgrades: [] };
    expect(judgeApp(await lookAtApp(github), expected)).toMatchObject([
      { name: "credentials", state: "missing", next: expect.stringContaining("terrane apps") },
    ]);
  } finally {
    await stranger.close();
  }
});
