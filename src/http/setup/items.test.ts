import { expect, test } from "vitest";
import type { Instant } from "../../base/brand.ts";
import type { RunId } from "../../core/ids.ts";
import type { SetupTraces } from "../../ports/view-store.ts";
import { ciFileState } from "./ci-file.ts";
import type { CiFileGuide, SetupGuide } from "./guide.ts";
import { type SetupFacts, setupItems } from "./items.ts";

const CI_FILE: CiFileGuide = {
  paths: ["ci/a.yml", "ci/b.yml"],
  path: "ci/a.yml",
  text: "# shipped\nid-token: write\ndispatch\n",
  command: "terrane setup forge",
  needs: [
    { has: "id-token: write", why: "It lacks the token." },
    { has: "dispatch", why: "It cannot be started." },
  ],
  existing: "work-token",
};
const GUIDE: SetupGuide = {
  name: "the forge",
  ciFile: CI_FILE,
  reach: "Let it in.",
  webhook: "Push something.",
  job: "Set the variable.",
  jobCommand: (name, url) => `forge set ${name} ${url}`,
  pages: (name) => ({
    repository: `https://forge/${name}`,
    newPullRequest: `https://forge/${name}/new`,
  }),
};
const NOTHING: SetupTraces = {
  heardAt: undefined,
  pullRequest: undefined,
  claimed: false,
  failedJob: undefined,
  startedJob: false,
  plan: undefined,
  apply: undefined,
};
const FACTS: SetupFacts = {
  fullName: "acme/infra",
  defaultBranch: "main",
  serverUrl: "https://here",
  pullRequestPage: (number) => `https://here/pulls/${number}`,
  runPage: (run) => `https://here/runs/${run}`,
  refusal: undefined,
  notice: undefined,
  webhookTrouble: undefined,
  ciFile: { kind: "missing" },
  configuration: { path: undefined, errors: [] },
  traces: NOTHING,
};

const states = (facts: Partial<SetupFacts>, guide = GUIDE) =>
  setupItems(guide, { ...FACTS, ...facts }).map(({ id, state }) => `${id} ${state}`);
const one = (id: string, facts: Partial<SetupFacts>) =>
  setupItems(GUIDE, { ...FACTS, ...facts }).find((item) => item.id === id);

test("a repository that was just connected waits for the first step, and each step says the next", () => {
  expect(states({})).toEqual([
    "reach done",
    "webhook waiting",
    "workflow waiting",
    "configuration done",
    "pull_request waiting",
    "job waiting",
    "plan waiting",
    "apply waiting",
  ]);
  for (const item of setupItems(GUIDE, FACTS)) {
    if (item.state === "done" || item.id === "plan" || item.id === "apply") continue;
    expect(item.next, item.id).not.toBeNull();
  }
  expect(one("job", {})?.command).toBe("forge set acme/infra https://here");
  expect(one("workflow", {})?.command).toBe("terrane setup forge");
  expect(one("pull_request", {})?.url).toBe("https://forge/acme/infra/new");
});

test("all is done when something was applied", () => {
  const traces = {
    ...NOTHING,
    heardAt: Date.UTC(2026, 0, 2, 3, 4) as Instant,
    pullRequest: 1,
    claimed: true,
    plan: 2,
    apply: 3,
  };
  const facts = { traces, ciFile: { kind: "good", path: "ci/a.yml", own: false } } as const;
  expect(states(facts).filter((line) => !line.endsWith("done"))).toEqual([]);
  expect(one("webhook", facts)?.detail).toBe("The last one came at 2026-01-02 03:04 UTC.");
  expect(one("plan", facts)?.url).toBe("https://here/pulls/2");
});

test("a repository that cannot be read says so, and what could not be looked at waits", () => {
  const facts = {
    refusal: { message: "Not found.", away: false },
    ciFile: undefined,
    configuration: undefined,
  };
  expect(states(facts).slice(0, 4)).toEqual([
    "reach wrong",
    "webhook waiting",
    "workflow waiting",
    "configuration waiting",
  ]);
  expect(one("reach", facts)).toMatchObject({ detail: "Not found.", next: "Let it in." });
  const away = { ...facts, refusal: { message: "No answer.", away: true } };
  expect(one("reach", away)).toMatchObject({ state: "waiting", detail: "No answer." });
});

test("a job that ended without having come shows what it said, and how to tell it the address", () => {
  const failedJob = { run: "r.1" as RunId, url: undefined, message: "It died.", started: true };
  expect(one("job", { traces: { ...NOTHING, failedJob } })).toMatchObject({
    state: "wrong",
    detail: "A job ended without having come here. It died.",
    next: "Set the variable. Then comment `terrane plan`.",
    command: "forge set acme/infra https://here",
    url: "https://here/runs/r.1",
  });
  expect(one("job", { traces: { ...NOTHING, startedJob: true } })?.state).toBe("waiting");
  const refusedJob = { ...failedJob, message: "There is no file.", started: false };
  expect(one("job", { traces: { ...NOTHING, failedJob: refusedJob } })).toMatchObject({
    state: "waiting",
    detail: "The last one could not be started. There is no file.",
  });
});

test("a configuration with errors shows the first with its place", () => {
  const error = {
    severity: "error",
    code: "key",
    message: "`x` is no key",
    file: ".terrane/config.yml",
    line: 3,
    column: 1,
    path: "x",
  } as const;
  const found = one("configuration", { configuration: { path: error.file, errors: [error] } });
  expect(found).toMatchObject({
    state: "wrong",
    detail: ".terrane/config.yml:3: `x` is no key.",
    command: "terrane config check",
  });
});

test("where jobs need no file and nothing is told by webhook, neither is a step", () => {
  const { ciFile: _file, webhook: _hook, ...guide } = GUIDE;
  expect(states({}, guide)).not.toContain("webhook waiting");
  expect(states({}, guide)).not.toContain("workflow waiting");
});

const text = (path: string, said: string) => ({ path, kind: "text", text: said }) as const;

test.each([
  ["none", [], { kind: "missing" }],
  ["the shipped one", [text("ci/a.yml", CI_FILE.text)], { kind: "good", own: false }],
  [
    "one with all it needs",
    [text("ci/b.yml", "id-token: write\ndispatch")],
    { kind: "good", own: true },
  ],
  [
    "one that lacks something",
    [text("ci/a.yml", "dispatch")],
    { kind: "lacks", lacks: ["It lacks the token."] },
  ],
  [
    "one where it is commented out",
    [text("ci/a.yml", "dispatch\n  # id-token: write")],
    { kind: "lacks", lacks: ["It lacks the token."] },
  ],
  [
    "the first of two",
    [text("ci/b.yml", CI_FILE.text), text("ci/a.yml", "")],
    { kind: "lacks", path: "ci/a.yml" },
  ],
  [
    "one of an existing runner",
    [text("ci/a.yml", "inputs: work-token")],
    { kind: "existing_runner" },
  ],
  [
    "one that cannot be read",
    [{ path: "ci/a.yml", kind: "unreadable", message: "a link" }],
    { kind: "unreadable", message: "a link" },
  ],
] as const)("the file for jobs is %s", (_what, read, expected) => {
  expect(ciFileState(CI_FILE, read)).toMatchObject(expected);
});

test("what lets the server in and ends soon is wrong while everything still works", () => {
  const notice = { message: "The token expires in 3 days.", next: "Rotate it." };
  expect(one("reach", { notice })).toMatchObject({
    state: "wrong",
    detail: "The token expires in 3 days.",
    next: "Rotate it.",
  });
});

test("a webhook that the forge switched off is wrong, though one came before", () => {
  const webhookTrouble = { message: "It was switched off.", next: "Press Test." };
  const traces = { ...NOTHING, heardAt: 0 as Instant };
  expect(one("webhook", { traces, webhookTrouble })).toMatchObject({
    state: "wrong",
    detail: "It was switched off.",
    next: "Press Test.",
  });
});
