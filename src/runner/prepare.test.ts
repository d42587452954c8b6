import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NextReply, WorkItem } from "../contract/work.ts";
import type { Reply } from "./client.ts";
import { Masker } from "./mask.ts";
import { nextWork, prepare } from "./prepare.ts";
import { Stop } from "./stop.ts";

const WORK = { runId: "1.1", units: [] } as unknown as WorkItem;
const WAIT: Reply<NextReply> = { kind: "ok", value: { kind: "wait" } };

function answering(...replies: readonly Reply<NextReply>[]) {
  const left = [...replies];
  return {
    next: () => Promise.resolve(left.length > 1 ? (left.shift() ?? WAIT) : (left[0] ?? WAIT)),
  };
}

test("a job waits until there is work", async () => {
  const client = answering(WAIT, { kind: "ok", value: { kind: "work", work: WORK } });
  expect(await nextWork(client, new Stop())).toEqual({ kind: "work", work: WORK });
});

test.each([
  [
    { kind: "ok", value: { kind: "done", finished: true } },
    { kind: "over", finished: true },
  ],
  [
    { kind: "ok", value: { kind: "done", finished: false } },
    { kind: "over", finished: false },
  ],
  [
    { kind: "gone", message: "over" },
    { kind: "over", finished: false },
  ],
] as const)("a run that is over needs no work: %j", async (reply, expected) => {
  const stop = new Stop();
  // A beat may hear of the end first; what the server says of it counts.
  stop.request("The server says that this run is over.");
  expect(await nextWork(answering(reply), stop)).toEqual(expected);
});

test.each([
  [{ kind: "unreachable", message: "no route" } as const, "no route"],
  [
    { kind: "refused", status: 404, code: "NOT_FOUND", message: "no such address" } as const,
    "no such",
  ],
])("a server that gives no work ends the job with the reason: %j", async (reply, text) => {
  const prepared = await nextWork(answering(reply), new Stop());
  expect(prepared).toMatchObject({ kind: "failed", failure: { step: "index" } });
  expect(JSON.stringify(prepared)).toContain(text);
});

test("waiting ends by itself, and when the job is stopped", async () => {
  const late = await nextWork(answering(WAIT), new Stop(), 0);
  expect(JSON.stringify(late)).toContain("did not say");
  const stop = new Stop();
  stop.request("The CI job was stopped (SIGTERM).");
  expect(JSON.stringify(await nextWork(answering(WAIT), stop))).toContain("SIGTERM");
});

test("what is found out after the merge is said of the head that was reviewed, and of what was asked", async () => {
  const said: unknown[] = [];
  const client = {
    ...answering({ kind: "ok", value: { kind: "done", finished: true } }),
    index: () => Promise.reject(new Error("not asked")),
    built: (body: unknown) => {
      said.push(body);
      return Promise.resolve({ kind: "ok", value: { recorded: true } } as const);
    },
  };
  const folder = await mkdtemp(join(tmpdir(), "terrane-prepare-"));
  const [reviewedSha, headSha] = ["a".repeat(40), "b".repeat(40)];
  const digest = "c".repeat(64);
  const builder = { script: "cat", stdin: "tags: {}", digest };
  const work = { ...WORK, prepares: ["config"], builder, headSha, baseSha: headSha, reviewedSha };
  const env = { PATH: process.env["PATH"] ?? "" };
  const prepared = await prepare(client, work as WorkItem, new Stop(), {
    serverUrl: "",
    scratch: folder,
    digest: undefined,
    root: folder,
    environment: env,
    masker: new Masker(),
    stop: new Stop(),
    graceMs: 100,
    folder,
    env,
    gitEnv: env,
    log: () => undefined,
  });
  await rm(folder, { recursive: true });
  expect(prepared).toEqual({ kind: "over", finished: true });
  expect(said).toEqual([
    { format: 1, commit: reviewedSha, digest, what: "config", text: "tags: {}" },
  ]);
});
