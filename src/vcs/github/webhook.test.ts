import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Received } from "../../ports/vcs.ts";
import { createReceiver, DELIVERY_BYTES_MAX } from "./webhook.ts";

const OLD = "the old secret";
const NEW = "the new secret";
const APP_ID = 1234;
const receiver = createReceiver({ secrets: [OLD, NEW], appId: APP_ID });

const SHA = "0123456789".repeat(4);
const REPOSITORY = { id: 42, full_name: "acme/infra", default_branch: "main" };
const CONTEXT = { installation: { id: 7 }, repository: REPOSITORY };

function signed(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

async function receive(
  event: string,
  payload: unknown,
  change: { readonly secret?: string; readonly headers?: Record<string, string> } = {},
): Promise<Received> {
  const body = new TextEncoder().encode(JSON.stringify(payload));
  const headers = {
    "x-github-event": event,
    "x-github-delivery": "0b989ba4-242f-11e5-81e1-c7b6966d2516",
    "x-hub-signature-256": signed(body, change.secret ?? NEW),
    ...change.headers,
  };
  return await receiver.receive({ headers, body });
}

test.each([[[]], [[""]], [["good", " "]]])(
  "webhook secrets %j are refused at the start",
  (secrets) => {
    expect(() => createReceiver({ secrets, appId: APP_ID })).toThrow("secret is missing or empty");
  },
);

test("both secrets are good while one replaces the other, and no third", async () => {
  const payload = { action: "opened", number: 1, ...CONTEXT };
  expect((await receive("pull_request", payload, { secret: OLD })).kind).toBe("event");
  expect((await receive("pull_request", payload, { secret: NEW })).kind).toBe("event");
  const forged = await receive("pull_request", payload, { secret: "another" });
  expect(forged).toMatchObject({ kind: "rejected", status: 401 });
});

test.each([
  ["no signature", { "x-hub-signature-256": "" }, 401],
  ["half a signature", { "x-hub-signature-256": "sha256=" }, 401],
  [
    "an old signature",
    { "x-hub-signature-256": "sha1=a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d" },
    401,
  ],
  ["no delivery id", { "x-github-delivery": "" }, 400],
  ["a delivery id that is none", { "x-github-delivery": "a b" }, 400],
  ["no event", { "x-github-event": "" }, 400],
])("a delivery with %s is rejected", async (_, headers, status) => {
  const payload = { action: "opened", number: 1, ...CONTEXT };
  expect(await receive("pull_request", payload, { headers })).toMatchObject({
    kind: "rejected",
    status,
  });
});

test.each([
  ["nothing", new Uint8Array(), 400],
  ["no text", new Uint8Array([0xff, 0xfe, 0xfd]), 400],
  ["no JSON", new TextEncoder().encode("payload=%7B%7D"), 400],
  ["null", new TextEncoder().encode("null"), 400],
  ["a byte order mark", new TextEncoder().encode("\ufeff{}"), 400],
  ["more than GitHub ever sends", new Uint8Array(DELIVERY_BYTES_MAX + 1), 413],
])("an authentic body of %s is rejected", async (_, body, status) => {
  const headers = {
    "x-github-event": "push",
    "x-github-delivery": "d",
    "x-hub-signature-256": signed(body, NEW),
  };
  expect(await receiver.receive({ headers, body })).toMatchObject({ kind: "rejected", status });
});

const PULL = { pull_request: { number: 5 } };
const COMMENT = {
  issue: { number: 5, pull_request: {} },
  comment: { id: 9_007_199_254, body: "terrane plan", user: { id: 3, login: "ann" } },
};
const PUSH = { ref: "refs/heads/feature/x", after: SHA, deleted: false };

const GROUP = {
  head_sha: SHA,
  head_ref: `refs/heads/gh-readonly-queue/release/v1/pr-104-${SHA}`,
  base_sha: SHA.replaceAll("0", "a"),
  base_ref: "refs/heads/release/v1",
};
const QUEUED = { head: GROUP.head_sha, base: GROUP.base_sha, baseRef: "release/v1" };

const CHECK = {
  name: "terrane plan",
  head_sha: SHA,
  external_id: "pull-5",
  app: { id: APP_ID },
  pull_requests: [{ number: 5 }, { number: 6 }],
};
const PRESSED = { number: 5, actor: { id: "3", login: "ann" }, head: SHA };
const sender = { id: 3, login: "ann" };

function pressing(change: object, identifier = "plan"): object {
  return {
    action: "requested_action",
    check_run: { ...CHECK, ...change },
    requested_action: { identifier },
    sender,
  };
}

function rerunning(pulls: readonly object[]): object {
  const check_suite = { head_sha: SHA, app: { id: APP_ID }, pull_requests: pulls };
  return { action: "rerequested", check_suite, sender };
}

test.each([
  [
    "pull_request",
    { action: "opened", number: 5 },
    { kind: "pull_request", number: 5, action: "opened" },
  ],
  [
    "pull_request",
    { action: "synchronize", number: 5 },
    { kind: "pull_request", number: 5, action: "pushed" },
  ],
  [
    "pull_request",
    { action: "reopened", number: 5 },
    { kind: "pull_request", number: 5, action: "reopened" },
  ],
  [
    "pull_request",
    { action: "closed", number: 5 },
    { kind: "pull_request", number: 5, action: "closed" },
  ],
  [
    "pull_request",
    { action: "ready_for_review", number: 5 },
    { kind: "pull_request", number: 5, action: "ready" },
  ],
  [
    "pull_request",
    { action: "converted_to_draft", number: 5 },
    { kind: "pull_request", number: 5, action: "draft" },
  ],
  [
    "pull_request",
    { action: "edited", number: 5 },
    { kind: "pull_request", number: 5, action: "edited" },
  ],
  ["pull_request_review", { action: "submitted", ...PULL }, { kind: "review", number: 5 }],
  ["pull_request_review", { action: "dismissed", ...PULL }, { kind: "review", number: 5 }],
  ["push", PUSH, { kind: "branch_pushed", branch: "feature/x", after: SHA }],
  [
    "merge_group",
    { action: "checks_requested", merge_group: GROUP },
    { kind: "merge_group", number: 104, group: { ...QUEUED, state: "checks_wanted" } },
  ],
  ...(["merged", "invalidated", "dequeued"] as const).map((reason): [string, object, object] => [
    "merge_group",
    { action: "destroyed", reason, merge_group: GROUP },
    { kind: "merge_group", number: 104, group: { ...QUEUED, state: reason } },
  ]),
  [
    "merge_group",
    { action: "destroyed", merge_group: GROUP },
    { kind: "merge_group", number: 104, group: { ...QUEUED, state: "dequeued" } },
  ],
  [
    "workflow_run",
    { action: "completed", workflow_run: { id: 77 } },
    { kind: "ci_ended", ciRun: "77" },
  ],
  [
    "workflow_job",
    { action: "completed", workflow_job: { id: 1, run_id: 77 } },
    { kind: "ci_ended", ciRun: "77" },
  ],
  ["check_run", pressing({}, "plan"), { kind: "pressed", ...PRESSED, button: "plan" }],
  ["check_run", pressing({}, "apply"), { kind: "pressed", ...PRESSED, button: "apply" }],
  [
    "check_run",
    { ...pressing({ name: "terrane apply" }), action: "rerequested", requested_action: null },
    { kind: "pressed", ...PRESSED, button: "apply" },
  ],
  [
    "check_run",
    pressing({ external_id: "terrane plan", pull_requests: [{ number: 5 }] }, "why"),
    { kind: "pressed", ...PRESSED, button: "why" },
  ],
  ["check_suite", rerunning([{ number: 5 }]), { kind: "pressed", ...PRESSED, button: "plan" }],
  [
    "issue_comment",
    { action: "created", ...COMMENT },
    {
      kind: "comment",
      number: 5,
      commentId: "9007199254",
      author: { id: "3", login: "ann" },
      body: "terrane plan",
    },
  ],
])("%s %j is told", async (event, payload, what) => {
  expect(await receive(event, { ...payload, ...CONTEXT })).toEqual({
    kind: "event",
    event: {
      deliveryId: "0b989ba4-242f-11e5-81e1-c7b6966d2516",
      installation: "7",
      repository: { id: "42", fullName: "acme/infra", defaultBranch: "main" },
      what,
    },
  });
});

const OURS = { ...COMMENT.comment, performed_via_github_app: { id: APP_ID } };
const OTHERS = { ...COMMENT.comment, performed_via_github_app: { id: APP_ID + 1 } };

test.each([
  ["a check of another app", "check_run", pressing({ app: { id: APP_ID + 1 } })],
  ["a button that there is not", "check_run", pressing({}, "merge")],
  ["a commit of several pull requests", "check_suite", rerunning([{ number: 5 }, { number: 6 }])],
  ["a commit of a fork, whose pull requests are not told", "check_suite", rerunning([])],
  ["a label", "pull_request", { action: "labeled", number: 5 }],
  ["an edited comment", "issue_comment", { action: "edited", ...COMMENT }],
  [
    "a comment on an issue",
    "issue_comment",
    { action: "created", ...COMMENT, issue: { number: 5 } },
  ],
  ["our own comment", "issue_comment", { action: "created", ...COMMENT, comment: OURS }],
  ["a deleted branch", "push", { ...PUSH, deleted: true, after: "0".repeat(40) }],
  ["a branch without a name", "push", { ...PUSH, ref: "refs/heads/" }],
  ["a branch that points nowhere", "push", { ref: PUSH.ref, after: "0".repeat(40) }],
  ["a tag", "push", { ...PUSH, ref: "refs/tags/v1" }],
  ["a job of a run that waits", "workflow_job", { action: "waiting", workflow_job: { run_id: 1 } }],
  ["a deleted comment", "issue_comment", { action: "deleted", ...COMMENT }],
  ["a rule of a branch", "branch_protection_rule", { action: "edited" }],
  ["a ruleset", "repository_ruleset", { action: "created" }],
  ["a run that begins", "workflow_run", { action: "in_progress", workflow_run: { id: 1 } }],
  [
    "a merge group whose branch names no pull request",
    "merge_group",
    { action: "checks_requested", merge_group: { ...GROUP, head_ref: "refs/heads/queue" } },
  ],
  ["a merge group of tomorrow", "merge_group", { action: "paused", merge_group: GROUP }],
  ["a ping", "ping", { zen: "Keep it logically awesome." }],
  ["an event of tomorrow", "wormhole", { action: "opened" }],
  ["an action named like a method", "pull_request", { action: "constructor", number: 5 }],
])("%s is authentic and ignored, with a reason", async (_, event, payload) => {
  const received = await receive(event, { ...payload, ...CONTEXT });
  expect(received).toMatchObject({ kind: "ignored", deliveryId: expect.any(String) as string });
  expect(received.kind === "ignored" ? received.because : "").toMatch(/\.$/);
});

test("the comment of another app is told: whether it may command is not for us to say", async () => {
  const received = await receive("issue_comment", {
    action: "created",
    ...COMMENT,
    comment: OTHERS,
    ...CONTEXT,
  });
  expect(received.kind).toBe("event");
});

test.each([
  ["without an installation", { repository: REPOSITORY }, "ignored"],
  ["without a repository", { installation: { id: 7 } }, "ignored"],
  ["with a number that is text", { ...CONTEXT, number: "5" }, "rejected"],
  ["without a number", { ...CONTEXT, number: undefined }, "rejected"],
  ["with a number that no database has", { ...CONTEXT, number: 2 ** 31 }, "rejected"],
  ["of number zero", { ...CONTEXT, number: 0 }, "rejected"],
  [
    "of a repository with a name of two lines",
    { ...CONTEXT, repository: { ...REPOSITORY, full_name: "a/b\nc" } },
    "rejected",
  ],
  [
    "of a repository whose branch is NUL",
    { ...CONTEXT, repository: { ...REPOSITORY, default_branch: "\u0000" } },
    "rejected",
  ],
  ["whose repository has no id", { ...CONTEXT, repository: { full_name: "a/b" } }, "rejected"],
])("a pull request event %s is %s", async (_, payload, kind) => {
  const received = await receive("pull_request", { action: "opened", number: 5, ...payload });
  expect(received.kind).toBe(kind);
});

test("whatever an authentic body holds, the receiver answers with a verdict", async () => {
  const actions = fc.constantFrom("opened", "created", "submitted", "completed", "closed");
  const names = fc.constantFrom(
    "pull_request",
    "issue_comment",
    "pull_request_review",
    "push",
    "workflow_run",
  );
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constant(CONTEXT.repository),
    fc.constant(COMMENT.comment),
  );
  const bodies = fc.record(
    {
      action: fc.oneof(actions, junk),
      number: junk,
      installation: fc.oneof(fc.constant({ id: 7 }), junk),
      repository: fc.oneof(fc.constant(REPOSITORY), junk),
      issue: junk,
      comment: junk,
      pull_request: junk,
      workflow_run: junk,
      ref: fc.oneof(fc.string(), fc.constant("refs/heads/x")),
      after: fc.oneof(fc.string(), fc.constant(SHA)),
      deleted: fc.oneof(fc.boolean(), junk),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(names, bodies, async (name, body) => {
      const received = await receive(name, body);
      expect(["event", "ignored", "rejected"]).toContain(received.kind);
      if (received.kind === "event") expect(received.event.repository.id).toMatch(/^-?\d+$/);
    }),
    { numRuns: 500 },
  );
});
