import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../../test/support/core-world.ts";
import { LockWorld } from "../../../../test/support/lock-world.ts";
import type { Reason } from "../../reason.ts";

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map(({ code }) => code);
}

/** Pull request 1 has an apply of d1 whose job is silent. */
function lost(config?: string): LockWorld {
  const world = new LockWorld(["d1", "d2"], config);
  world.open(1, ["d1", "d2"]);
  world.open(2, ["d1"]);
  world.says(1, "terrane apply dir:d1");
  const run = world.pull(1).activeRun("apply");
  for (const { dirspace } of run.works) world.grant(1, dirspace);
  world.happens(1, { kind: "run_went_silent", runId: run.id });
  expect(world.pull(1).phases()["d1:default"]).toBe("unknown");
  return world;
}

const WHY = "the runner host is gone";

test("S3 S4 an unlock asks what applies to stop, and waits for the proof of its end", () => {
  const world = lost();
  const run = world.pull(1).activeRun("apply");
  expect(codes(world.says(1, "terrane unlock"))).toEqual(["unlock_waits"]);
  expect(world.owners()).toBe("d1: 1, d2: 1");
  expect(world.pull(1).snapshot.runs.find(({ id }) => id === run.id)?.cancelRequested).toBe(true);
  const how = { kind: "ci_ended", conclusion: "cancelled" } as const;
  world.happens(1, { kind: "run_ended", runId: run.id, attemptId: run.attemptId, how });
  expect(world.owners()).toBe("");
});

test("S4 a forced unlock is for administrators, and for whom the default branch names on purpose", () => {
  const world = lost();
  world.pull(1).permissions.set("bob", "maintain");
  expect(codes(world.says(1, `terrane force-unlock 1 ${WHY}`))).toEqual(["force_unlock_denied"]);
  expect(world.pull(1).phases()["d1:default"]).toBe("unknown");

  const everybody = lost("access_control:\n  enabled: true\n");
  expect(codes(everybody.says(1, `terrane force-unlock 1 ${WHY}`))).toEqual([
    "force_unlock_denied",
  ]);

  const named = lost("access_control:\n  enabled: true\n  unlock: ['user:bob']\n");
  expect(codes(named.says(1, `terrane force-unlock 1 ${WHY}`))).toContain("force_unlocked");
});

test.each([
  ["terrane force-unlock 1", "force_unlock_usage"],
  ["terrane force-unlock 1 why", "force_unlock_usage"],
  [`terrane force-unlock d3 ${WHY}`, "force_unlock_unconfirmed"],
])("S4 without its target typed out and a reason nothing is forced: %s", (text, code) => {
  const world = lost();
  world.pull(1).permissions.set("bob", "admin");
  expect(codes(world.says(1, text))).toEqual([code]);
  expect(world.owners()).toBe("d1: 1, d2: 1");
});

test.each(["1", "d1", "d1:default"])(
  "S1 S3 a forced unlock of %s gives up what was lost, says who and why, and the next goes on",
  (target) => {
    const world = lost();
    world.pull(1).permissions.set("eve", "admin");
    world.says(2, "terrane apply");
    const reasons = world.says(1, `terrane force-unlock ${target} ${WHY}`, "eve");
    expect(reasons).toContainEqual({
      code: "force_unlocked",
      login: "eve",
      why: WHY,
      dirspaces: ["d1:default"],
    });
    expect(`${world.owners()} [${world.queue()}]`).toBe(" [2!]");
    expect(world.pull(1).snapshot.pullRequest.notice?.reasons).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "force_unlocked" })]),
    );
    expect(codes(world.apply(2))).toContain("apply_started");
    expect(world.pull(2).phases()["d1:default"]).toBe("applied");
  },
);

test("S3 an apply that still answers is not given up by force: it is asked to stop", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  world.pull(1).permissions.set("eve", "admin");
  world.says(1, "terrane apply");
  const run = world.pull(1).activeRun("apply");
  for (const { dirspace } of run.works) world.grant(1, dirspace);
  const reasons = codes(world.says(1, `terrane force-unlock 1 ${WHY}`, "eve"));
  expect(reasons).toEqual(["force_unlocked", "unlock_waits"]);
  expect(world.pull(1).phases()["d1:default"]).toBe("applying");
});

test("S27 what is said of an apply after it was given up changes nothing", () => {
  const world = lost();
  world.pull(1).permissions.set("eve", "admin");
  const run = world.pull(1).activeRun("apply");
  world.says(1, `terrane force-unlock 1 ${WHY}`, "eve");
  const how = { kind: "finished", failure: undefined } as const;
  const late = world.happens(1, {
    kind: "run_ended",
    runId: run.id,
    attemptId: run.attemptId,
    how,
  });
  expect(codes(late)).toEqual(["event_outdated"]);
});

test("a forced unlock of another pull request is passed on, and judged there", () => {
  const world = lost();
  world.pull(1).permissions.set("eve", "admin");
  expect(codes(world.says(2, `terrane force-unlock 1 ${WHY}`, "eve"))).toEqual([
    "unlock_forwarded",
  ]);
  expect(world.owners()).toBe("");
});

test("`unlock --blocking` is about whoever is in the way, and `unlock drift` about nothing", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  world.open(2, ["d1"]);
  expect(codes(world.says(2, "terrane unlock --blocking"))).toEqual(["nothing_blocks"]);
  world.apply(1);
  expect(codes(world.says(2, "terrane unlock drift"))).toEqual(["no_drift_locks"]);
  expect(world.owners()).toBe("d1: 1");
  expect(codes(world.says(2, "terrane unlock --blocking"))).toEqual(["unlock_forwarded"]);
  expect(world.owners()).toBe("");
});

test("S7 S23 an unlock that finds nothing leaves a merge that nobody told of yet to be seen", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  const pull = world.pull(1);
  pull.view = { ...pull.view, state: "merged", mergeSha: sha(2) };
  expect(codes(world.says(1, "terrane unlock"))).toEqual(["nothing_to_unlock"]);
  expect(pull.snapshot.pullRequest.view?.state).toBe("open");
  world.happens(1, { kind: "pull_request_changed", hint: "merged" });
  expect(world.owners()).toBe("d1: 1");
});

test("S23 an unlock leaves a push that nobody told of yet to be planned", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  world.apply(1);
  const pull = world.pull(1);
  const seen = pull.view.headSha;
  pull.view = { ...pull.view, headSha: sha(99) };
  expect(codes(world.says(1, "terrane unlock"))).toContain("unlocked");
  expect(pull.snapshot.pullRequest.view?.headSha).toBe(seen);
});

test("S7 an unlock that comes before the word of the merge holds after it", () => {
  const world = new LockWorld(["d1", "d2"]);
  world.open(1, ["d1", "d2"]);
  world.apply(1, "dir:d1");
  const pull = world.pull(1);
  pull.view = { ...pull.view, state: "merged", mergeSha: sha(2) };
  expect(codes(world.says(1, "terrane unlock"))).toContain("unlocked");
  world.happens(1, { kind: "pull_request_changed", hint: "merged" });
  expect(world.owners()).toBe("");
});

test.each(["terrane unlock", `terrane force-unlock 2 ${WHY}`])(
  "S7 `%s` holds after a merge that nobody told of yet, also where an apply has to end first",
  (text) => {
    const world = new LockWorld(["d1", "d2"]);
    world.open(2, ["d1", "d2"]);
    const pull = world.pull(2);
    pull.permissions.set("bob", "admin");
    world.says(2, "terrane apply dir:d1");
    const run = pull.activeRun("apply");
    for (const { dirspace } of run.works) world.grant(2, dirspace);
    pull.view = { ...pull.view, state: "merged", mergeSha: sha(2) };
    expect(codes(world.says(2, text))).toContain("unlock_waits");
    const how = { kind: "ci_ended", conclusion: "cancelled" } as const;
    world.happens(2, { kind: "run_ended", runId: run.id, attemptId: run.attemptId, how });
    world.happens(2, { kind: "pull_request_changed", hint: "merged" });
    expect(world.owners()).toBe("");
  },
);

test("S7 a forced unlock holds after a merge that nobody told of yet", () => {
  const world = lost();
  const pull = world.pull(1);
  pull.permissions.set("bob", "admin");
  pull.view = { ...pull.view, state: "merged", mergeSha: sha(2) };
  expect(codes(world.says(1, `terrane force-unlock 1 ${WHY}`))).toContain("force_unlocked");
  world.happens(1, { kind: "pull_request_changed", hint: "merged" });
  expect(world.owners()).toBe("");
});

test("what was closed before anybody looked is answered too", () => {
  const world = new CoreWorld(["d1/main.tf"], ["d1/main.tf"]);
  world.view = { ...world.view, state: "closed" };
  world.says("bob", "terrane unlock");
  expect(world.snapshot.pullRequest.view?.state).toBe("closed");
  expect(world.snapshot.pullRequest.notice?.reasons).toEqual([{ code: "nothing_to_unlock" }]);
});
