import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { createClient } from "../../src/vcs/gitlab/client.ts";
import { readCredential } from "../../src/vcs/gitlab/credential.ts";
import { type GitLabDouble, startGitLabDouble } from "../support/gitlab-double/index.ts";

let double: GitLabDouble;
let token: string;

beforeAll(async () => {
  double = await startGitLabDouble(() => new Date());
  token = double.token("maintainer");
});

afterAll(() => double.close());

const PATH = /personal_access_tokens\/self$/;

const read = (used = token) =>
  readCredential(createClient({ url: double.url, token: used, userAgent: "test", now: Date.now }));

test("a token says on which day it ends, and one without an end has none", async () => {
  const caller = present(double.world.tokens.get(token), "no token");
  caller.expiresAt = "2026-12-06";
  expect(await read()).toMatchObject({
    kind: "ok",
    value: {
      name: "The GitLab token “maintainer-bot”",
      renew: expect.stringContaining("GITLAB_TOKEN"),
      state: { kind: "good", endsAt: Date.UTC(2026, 11, 6) },
    },
  });
  caller.expiresAt = null;
  expect(await read()).toMatchObject({ value: { state: { kind: "good", endsAt: undefined } } });
});

test("a token that GitLab takes no longer is said to be that", async () => {
  expect(await read("glpat-revoked")).toMatchObject({
    kind: "ok",
    value: {
      state: { kind: "refused", message: expect.stringContaining("expired or was revoked") },
    },
  });
});

test.each([
  ["that is too old to say", 404, "ok"],
  ["that does not let this token ask", 403, "ok"],
  ["that is away", 503, "unavailable"],
])("a GitLab %s raises no alarm", async (_what, status, kind) => {
  double.answer("GET", PATH, { status });
  const told = await read();
  expect(told.kind).toBe(kind);
  if (told.kind === "ok") expect(told.value.state).toEqual({ kind: "good", endsAt: undefined });
});

test("an answer that is none raises no alarm", async () => {
  double.answer("GET", PATH, { status: 200, body: '{"expires_at":"soon"}' });
  expect((await read()).kind).toBe("unavailable");
});

test("everything that was said is in GitLab's documentation", () => {
  expect(double.world.journal.violations).toEqual([]);
});
