import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createClient } from "../../src/vcs/gitlab/client.ts";
import { webhookTrouble } from "../../src/vcs/gitlab/hook-health.ts";
import type { Hook } from "../support/gitlab-double/forge.ts";
import { type GitLabDouble, startGitLabDouble } from "../support/gitlab-double/index.ts";
import { addHook } from "../support/gitlab-double/scene.ts";
import type { Caller, Project } from "../support/gitlab-double/world.ts";

const URL_OF_OURS = "https://terrane.example.test/api/v1/webhooks/gitlab";
const NEVER = new Date(8.64e15);

let double: GitLabDouble;
let project: Project;
let hook: Hook;

beforeAll(async () => {
  double = await startGitLabDouble(() => new Date());
});

beforeEach(() => {
  project = double.createProject(`acme/infra-${double.world.nextId}`);
  const other = addHook(double.world, project, { url: "https://elsewhere.example.test/hook" });
  other.disabledUntil = NEVER;
  hook = addHook(double.world, project, { url: URL_OF_OURS });
});

afterAll(() => double.close());

async function look(role: Caller["role"] = "maintainer") {
  const client = createClient({
    url: double.url,
    token: double.token(role),
    userAgent: "test",
    now: Date.now,
  });
  const ref = { installation: "acme", id: String(project.id), fullName: project.path };
  return await webhookTrouble(client, ref, URL_OF_OURS);
}

const NONE = { kind: "ok", value: undefined };

test("a webhook that works is no trouble, whatever became of those of others", async () => {
  expect(await look()).toEqual(NONE);
});

test.each<[string, (ours: Hook) => void, RegExp]>([
  ["off for good", (ours) => (ours.disabledUntil = NEVER), /switched the webhook off/],
  [
    "off for a while",
    (ours) => (ours.disabledUntil = new Date(Date.now() + 3_600_000)),
    /sends nothing until 2/,
  ],
  ["without a trigger", (ours) => (ours.withoutJobs = true), /does not tell of: Job\./],
])("one that is %s says so, with what to do", async (_what, change, message) => {
  change(hook);
  expect(await look()).toMatchObject({
    kind: "ok",
    value: {
      message: expect.stringMatching(message),
      next: expect.stringContaining("Settings, Webhooks"),
    },
  });
});

test("where a second one works, the first is no trouble", async () => {
  hook.disabledUntil = NEVER;
  addHook(double.world, project, { url: URL_OF_OURS });
  expect(await look()).toEqual(NONE);
});

test("a project without one may be in a group that has one, and a token that may not look sees nothing", async () => {
  project.forge.hooks.splice(0);
  expect(await look()).toEqual(NONE);
  expect(await look("developer")).toEqual(NONE);
  double.answer("GET", /\/hooks$/, { status: 503 });
  expect((await look()).kind).toBe("unavailable");
});

test("everything that was said is in GitLab's documentation", () => {
  expect(double.world.journal.violations).toEqual([]);
});
