import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Received, VcsResult } from "../../ports/vcs.ts";
import type { WebhookSecrets } from "./authentic.ts";
import { createReceiver } from "./webhook.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const KEY = Buffer.alloc(32, 7);
const SIGNING = `whsec_${KEY.toString("base64")}`;
const TOKEN = "the secret token of the webhook";
const SELF = 77;

function receiver(
  secrets: Partial<WebhookSecrets> = {},
  self: VcsResult<string> = { kind: "ok", value: String(SELF) },
) {
  return createReceiver({
    secrets: { tokens: [TOKEN], signing: [SIGNING], ...secrets },
    installation: "gitlab.example.test",
    now: () => NOW,
    self: () => Promise.resolve(self),
  });
}

function bytes(payload: unknown): Uint8Array {
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}

function signed(body: Uint8Array, at = NOW / 1_000, key = KEY): Record<string, string> {
  const [id, timestamp] = ["delivery-1", String(at)];
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
  };
}

async function receive(payload: unknown): Promise<Received> {
  const body = bytes(payload);
  return await receiver().receive({ headers: signed(body), body });
}

const PROJECT = { id: 5, path_with_namespace: "a/b/c/infra", default_branch: "trunk" };
const ANN = { id: 6, username: "ann" };
const SHA = "a".repeat(40);

function mergeRequest(attributes: object, changes: object = {}): object {
  return {
    object_kind: "merge_request",
    user: ANN,
    project: PROJECT,
    object_attributes: { iid: 9, ...attributes },
    changes,
  };
}

function note(attributes: object, user: object = ANN): object {
  const said = { id: 31, note: "terrane plan", noteable_type: "MergeRequest", author_id: 6 };
  return {
    object_kind: "note",
    user,
    project: PROJECT,
    object_attributes: { ...said, system: false, action: "create", ...attributes },
    merge_request: { iid: 9 },
  };
}

describe("who may tell us something", () => {
  test("a receiver without anything to prove a delivery by is not made", () => {
    expect(() => receiver({ tokens: [], signing: [] })).toThrow(/anybody could send/);
    expect(() => receiver({ tokens: [" "] })).toThrow(/missing or empty/);
    for (const token of ["whsec_", "whsec_c2hvcnQ=", SIGNING.slice(6)]) {
      expect(() => receiver({ signing: [token] })).toThrow(/begins with whsec_/);
    }
  });

  const body = bytes(mergeRequest({ action: "open" }));
  const right = signed(body);
  test.for<[string, Record<string, string>, string]>([
    ["a right signature", right, "event"],
    [
      "one of several",
      { ...right, "webhook-signature": `v1a,x v1,AAAA ${right["webhook-signature"]}` },
      "event",
    ],
    ["four minutes ago", signed(body, NOW / 1_000 - 240), "event"],
    ["six minutes ago", signed(body, NOW / 1_000 - 360), "rejected"],
    ["six minutes ahead", signed(body, NOW / 1_000 + 360), "rejected"],
    ["another key", signed(body, NOW / 1_000, Buffer.alloc(32, 8)), "rejected"],
    ["of another body", signed(bytes("{}")), "rejected"],
    ["of another delivery", { ...right, "webhook-id": "delivery-2" }, "rejected"],
    ["without a time", { ...right, "webhook-timestamp": "" }, "rejected"],
    ["with a time that is none", { ...right, "webhook-timestamp": "1e9" }, "rejected"],
    [
      "a wrong signature beside the right token",
      { ...right, "webhook-signature": "v1,AAAA", "x-gitlab-token": TOKEN },
      "rejected",
    ],
    ["the token alone", { "x-gitlab-token": TOKEN }, "event"],
    ["another token", { "x-gitlab-token": `${TOKEN} ` }, "rejected"],
    ["nothing", {}, "rejected"],
  ])("%s", async ([, headers, kind]) => {
    expect(await receiver().receive({ headers, body })).toMatchObject({ kind });
  });

  test("while secrets are being changed both are right", async () => {
    const other = Buffer.alloc(32, 9);
    const both = receiver({
      tokens: [TOKEN, "the next"],
      signing: [SIGNING, `whsec_${other.toString("base64")}`],
    });
    const headers = [signed(body, NOW / 1_000, other), { "x-gitlab-token": "the next" }];
    for (const one of headers) {
      expect(await both.receive({ headers: one, body })).toMatchObject({ kind: "event" });
    }
  });

  test("with a signing token alone a secret token proves nothing", async () => {
    const strict = receiver({ tokens: [] });
    const headers = { "x-gitlab-token": TOKEN };
    expect(await strict.receive({ headers, body })).toMatchObject({
      kind: "rejected",
      status: 401,
    });
  });

  test("a body beyond what GitLab sends is refused before it is looked at", async () => {
    const huge = new Uint8Array(26 * 1024 * 1024 + 1);
    expect(await receiver().receive({ headers: {}, body: huge })).toMatchObject({ status: 413 });
  });
});

describe("what is told", () => {
  const pull = (action: string) => ({ kind: "pull_request", number: 9, action });
  test.for<[string, object, object]>([
    ["open", mergeRequest({ action: "open" }), pull("opened")],
    ["a push", mergeRequest({ action: "update", oldrev: SHA }), pull("pushed")],
    ["a draft", mergeRequest({ action: "update" }, { draft: { current: true } }), pull("draft")],
    [
      "ready",
      mergeRequest({ action: "update" }, { draft: { current: false }, title: {} }),
      pull("ready"),
    ],
    ["a title", mergeRequest({ action: "update" }, { title: {} }), pull("edited")],
    ["another target", mergeRequest({ action: "update" }, { target_branch: {} }), pull("edited")],
    ["close", mergeRequest({ action: "close" }), pull("closed")],
    ["merge", mergeRequest({ action: "merge" }), pull("closed")],
    ["reopen", mergeRequest({ action: "reopen" }), pull("reopened")],
    ...["approved", "approval", "unapproved", "unapproval"].map(
      (action): [string, object, object] => [
        action,
        mergeRequest({ action }),
        { kind: "review", number: 9 },
      ],
    ),
    [
      "reviewers",
      mergeRequest({ action: "update" }, { reviewers: {} }),
      { kind: "review", number: 9 },
    ],
    [
      "a comment",
      note({}),
      {
        kind: "comment",
        number: 9,
        commentId: "31",
        author: { id: "6", login: "ann" },
        body: "terrane plan",
      },
    ],
    ["a comment of an older GitLab", note({ action: undefined }), { kind: "comment", number: 9 }],
    [
      "a push to a branch",
      { object_kind: "push", project: PROJECT, ref: "refs/heads/team/x", after: SHA },
      { kind: "branch_pushed", branch: "team/x", after: SHA },
    ],
    [
      "our pipeline",
      {
        object_kind: "pipeline",
        project: PROJECT,
        object_attributes: { id: 3, status: "failed", source: "api" },
      },
      { kind: "ci_ended", ciRun: "3" },
    ],
    [
      "our job",
      {
        object_kind: "build",
        project: PROJECT,
        build_name: "terrane:environment",
        build_status: "canceled",
        pipeline_id: 3,
      },
      { kind: "ci_ended", ciRun: "3" },
    ],
  ])("%s", async ([, payload, what]) => {
    expect(await receive(payload)).toMatchObject({
      kind: "event",
      event: {
        deliveryId: "delivery-1",
        installation: "gitlab.example.test",
        repository: { id: "5", fullName: "a/b/c/infra", defaultBranch: "trunk" },
        what,
      },
    });
  });

  test.for<[string, unknown, RegExp]>([
    ["labels", mergeRequest({ action: "update" }, { labels: {} }), /edited/],
    ["an action of a later GitLab", mergeRequest({ action: "sealed" }), /Nothing follows/],
    ["GitLab's own note", note({ system: true }), /GitLab itself/],
    ["our own note", note({ author_id: SELF }, { id: SELF, username: "bot" }), /our own/],
    ["a copy of our note", note({ note: `plan\n\n<!-- terrane:${"0".repeat(32)} -->\n` }), /copy/],
    ["an edited comment", note({ action: "update" }), /edited comment/],
    ["a comment on an issue", note({ noteable_type: "Issue" }), /not on a merge request/],
    ["a comment told by somebody else", note({ author_id: 8 }), /another than its author/],
    [
      "a tag",
      { object_kind: "push", project: PROJECT, ref: "refs/tags/v1", after: SHA },
      /not to a branch/,
    ],
    [
      "a deleted branch",
      { object_kind: "push", project: PROJECT, ref: "refs/heads/x", after: "0".repeat(40) },
      /gone/,
    ],
    [
      "a running pipeline",
      {
        object_kind: "pipeline",
        project: PROJECT,
        object_attributes: { id: 3, status: "running", source: "api" },
      },
      /not over/,
    ],
    [
      "another's pipeline",
      {
        object_kind: "pipeline",
        project: PROJECT,
        object_attributes: { id: 3, status: "success", source: "push" },
      },
      /somebody else/,
    ],
    [
      "another's job",
      {
        object_kind: "build",
        project: PROJECT,
        build_name: "terraform",
        build_status: "success",
        pipeline_id: 3,
      },
      /somebody else/,
    ],
    ["an emoji", { object_kind: "emoji", project: PROJECT }, /Nothing follows from emoji/],
    ["a new member of a group", { event_name: "user_add_to_group" }, /user_add_to_group/],
    [
      "half a merge request",
      { object_kind: "merge_request", project: PROJECT },
      /lacks what it should say/,
    ],
    [
      "a push that names no project",
      { object_kind: "push", ref: "refs/heads/x", after: SHA },
      /names no project/,
    ],
    ["no JSON", "not JSON", /not an event/],
    ["a list", [], /not an event/],
  ])("nothing by %s, and it is no failure", async ([, payload, because]) => {
    expect(await receive(payload)).toMatchObject({
      kind: "ignored",
      deliveryId: "delivery-1",
      because: expect.stringMatching(because),
    });
  });

  test("what is ignored says which merge request it was about", async () => {
    const ignored = await receive(note({ action: "update" }));
    expect(ignored).toMatchObject({ about: { repository: "5", number: 9 } });
  });

  test("our own note is known by its end while GitLab does not say who we are", async () => {
    const away: VcsResult<string> = {
      kind: "unavailable",
      message: "away",
      retryAfterMs: undefined,
    };
    const body = bytes(note({ note: `terrane apply\n\n<!-- terrane:${"a".repeat(32)} -->` }));
    const headers = signed(body);
    expect(await receiver({}, away).receive({ headers, body })).toMatchObject({ kind: "ignored" });
  });

  test("S22 an older GitLab gives no id, and what says the same is the same", async () => {
    const headers = { "x-gitlab-token": TOKEN };
    const id = async (payload: object) => {
      const received = await receiver().receive({ headers, body: bytes(payload) });
      return received.kind === "event" ? received.event.deliveryId : received.kind;
    };
    const first = await id(mergeRequest({ action: "open" }));
    expect(first).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(await id(mergeRequest({ action: "open" }))).toBe(first);
    expect(await id(mergeRequest({ action: "close" }))).not.toBe(first);
    const keyed = { ...headers, "idempotency-key": "key-1" };
    const received = await receiver().receive({ headers: keyed, body: bytes(note({})) });
    expect(received).toMatchObject({ event: { deliveryId: "key-1" } });
  });

  test("whatever is authentic is an event or ignored with a reason, and never thrown", async () => {
    const kind = fc.constantFrom("merge_request", "note", "push", "pipeline", "build", "", "other");
    const payload = fc.oneof(
      fc.json(),
      fc
        .tuple(kind, fc.jsonValue(), fc.jsonValue())
        .map(([object_kind, object_attributes, changes]) =>
          JSON.stringify({ object_kind, project: PROJECT, user: ANN, object_attributes, changes }),
        ),
    );
    await fc.assert(
      fc.asyncProperty(payload, async (text) => {
        const received = await receive(text);
        expect(["event", "ignored"]).toContain(received.kind);
      }),
    );
  });
});
