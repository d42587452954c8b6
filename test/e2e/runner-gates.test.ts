import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Gate, WorkHook, WorkStep } from "../../src/contract/step.ts";
import type { WorkUnit } from "../../src/contract/work.ts";
import { run, unit, until, useRunner, workItem } from "../support/runner-lab.ts";

const its = useRunner();
const engine = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;
const plain = (dir: string, steps: WorkUnit["steps"], more: Partial<WorkUnit> = {}) =>
  unit(dir, { steps, engine, ...more });
const gates = (script: string): Extract<WorkStep & WorkHook, { type: "gates" }> => ({
  type: "gates",
  cmd: ["sh", "-c", script],
  env: { LEVEL: "strict" },
  runOn: "success",
});
const WANTED: Gate = {
  token: "dba",
  name: "strict review",
  allOf: ["user:ann"],
  anyOf: ["team:dba"],
  anyOfCount: 2,
  addReviewers: true,
};
const PRINTED =
  'echo "{\\"gates\\": [{\\"token\\": \\"dba\\", \\"name\\": \\"$LEVEL review\\", \\"all_of\\": [\\"user:ann\\"], \\"any_of\\": [\\"team:dba\\"], \\"any_of_count\\": 2}]}"';

async function one(steps: WorkStep[], more: object = { keepsGates: true }) {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  return await its.job({ headSha, units: [plain("a", steps)], ...more }, repository.bare);
}

test("a gates step asks for what its program prints, and for reviewers unless it says otherwise", async () => {
  const none = gates('echo "{\\"gates\\": []}"');
  const quiet = gates(
    'echo "{\\"gates\\": [{\\"any_of\\": [\\"x\\"], \\"add_reviewers\\": false}]}"',
  );
  await one([gates(PRINTED), none, quiet]);
  const result = its.result("a default", "planned");
  expect(result.gates).toEqual([
    WANTED,
    { token: null, name: null, allOf: [], anyOf: ["x"], anyOfCount: 1, addReviewers: false },
  ]);
});

test.each([
  ["crashes", "exit 1", /exit code 1.*nobody knows which approvals/],
  ["crashes after its answer", `${PRINTED}; exit 3`, /exit code 3/],
  ["prints nothing", "true", /it is empty/],
  ["prints no JSON", "echo gates: none", /it is not JSON/],
  ["prints a list", "echo '[]'", /cannot be read/],
  ["misspells a key", `echo '{"gates": [{"any_off": ["a"]}]}'`, /cannot be read: gates\.0/],
  ["counts wrongly", `echo '{"gates": [{"any_of_count": -1}]}'`, /any_of_count/],
  ["has a term that is none", `echo '{"gates": [{"all_of": [""]}]}'`, /all_of\.0/],
  [
    "asks for too many",
    `node -e 'console.log(JSON.stringify({gates: Array(51).fill({})}))'`,
    /cannot be read: gates/,
  ],
  ["is not there", "exec no-such-program", /exit code 127/],
])("runner defect 2: a gates program that %s lets nothing pass", async (_what, script, message) => {
  const ran = await one([gates(script)]);
  expect(ran.code).toBe(1);
  const { failure } = its.result("a default", "failed");
  expect(failure.step).toBe("gates");
  expect(failure.message).toMatch(message);
});

const asks = (script: string) =>
  run(["sh", "-c", script], { gates: [WANTED], captureOutput: true });

test("a failing step with a gate asks for it, and neither it nor the dirspace fails", async () => {
  const ran = await one([asks("echo why; exit 5"), asks("exit 5"), run(["echo", "goes on"])]);
  expect(ran.code).toBe(0);
  const result = its.result("a default", "planned");
  expect(result.gates).toEqual([WANTED]);
  expect(result.steps?.[0]).toMatchObject({ outcome: "gated", exitCode: 5 });
  expect(result.steps?.[0]?.text).toMatch(/^why\n/);
  expect(result.steps?.[2]?.outcome).toBe("succeeded");
});

test("a step with a gate that succeeds asks for nothing", async () => {
  await one([asks("true")]);
  expect(its.result("a default", "planned").gates).toBeUndefined();
});

test("under a server that does not wait for approvals a gate is a failure", async () => {
  const ran = await one([asks("exit 5")], {});
  expect(ran.code).toBe(1);
  expect(its.result("a default", "failed").failure.message).toContain(
    "does not wait for approvals",
  );
});

test("what hooks ask for before the dirspaces is asked for each, and after them for the run", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const other = 'echo "{\\"gates\\": [{\\"any_of\\": [\\"late\\"]}]}"';
  const ran = await its.job(
    {
      headSha,
      keepsGates: true,
      units: [plain("a", [run(["true"])]), plain("b", [run(["true"])])],
      hooks: { pre: [gates(PRINTED)], post: [gates(other)] },
    },
    repository.bare,
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  for (const dir of ["a", "b"]) {
    expect(its.result(`${dir} default`, "planned").gates).toEqual([WANTED]);
  }
  expect(its.server.finishes[0]?.gates).toMatchObject([{ anyOf: ["late"] }]);
});

const asksAfter = (more: object = {}): WorkHook => ({
  ...gates('echo "{\\"gates\\": []}"'),
  ...more,
});

test.each<[string, WorkHook[], WorkUnit["steps"], Gate[] | undefined]>([
  ["it answered", [asksAfter()], [run(["true"])], []],
  ["its program crashed", [gates("exit 1")], [run(["true"])], undefined],
  ["one before it failed", [run(["false"]) as WorkHook, asksAfter()], [run(["true"])], undefined],
  ["a dirspace failed", [asksAfter()], [run(["false"])], undefined],
  ["it runs always", [asksAfter({ runOn: "always" })], [run(["false"])], []],
  ["it is for failures, and there is none", [asksAfter({ runOn: "failure" })], [run(["true"])], []],
  [
    "it is for failures and crashed",
    [{ ...gates("exit 1"), runOn: "failure" }],
    [run(["false"])],
    undefined,
  ],
  ["it failed, and its gate asks", [asks("exit 5") as WorkHook], [run(["true"])], [WANTED]],
  [
    "it crashed beside one that asks",
    [gates("exit 3"), { ...asks("exit 5"), runOn: "always" } as WorkHook],
    [run(["true"])],
    undefined,
  ],
  ["nothing asks", [run(["true"]) as WorkHook], [run(["false"])], []],
  ["there is none", [], [run(["true"])], []],
])(
  "runner defect 2: what a hook after the dirspaces asks for is known or said to be unknown: %s",
  async (_name, post, steps, said) => {
    const repository = its.repository({ "a/x": "" });
    const headSha = repository.commit("feature", {});
    const units = [plain("a", steps)];
    await its.job({ headSha, keepsGates: true, units, hooks: { pre: [], post } }, repository.bare);
    expect(its.server.finishes[0]?.gates).toEqual(said);
  },
);

test("runner defect 2: a hook that a cancellation cut off has not said what it asks for", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const started = join(its.lab.folder, "started");
  const last = `trap 'exit 0' INT TERM; touch "$1"; sleep 60 & wait`;
  const hook = run(["sh", "-c", last, "sh", started]) as WorkHook;
  const hooks = { pre: [], post: [hook, asksAfter({ runOn: "always" })] };
  const units = [plain("a", [run(["true"])])];
  its.server.offer(workItem({ headSha, keepsGates: true, units, hooks }, repository.bare));
  const job = its.start();
  await until("the hook runs", () => existsSync(started));
  job.process.kill("SIGTERM");
  await job.ended;
  its.result("a default", "planned");
  expect(its.server.finishes).toMatchObject([{ failure: null }]);
  expect(its.server.finishes[0]?.gates).toBeUndefined();
});

test.each([
  ["what was approved goes on", [{ ...WANTED, addReviewers: false }], "gated"],
  ["what was not approved fails", [], "failed"],
])("in an apply a gate cannot wait: %s", async (_name, approved, outcome) => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const write = run(["sh", "-c", 'echo plan > "$TERRANE_PLAN_FILE"']);
  await its.job({ headSha, units: [plain("a", [write])] }, repository.bare);
  const { planDigest } = its.result("a default", "planned");
  const units = [plain("a", [asks("exit 5")], { planDigest, approved })];
  await its.job({ kind: "apply", headSha, units, keepsGates: true }, repository.bare);
  const result = its.result("a default", outcome === "gated" ? "applied" : "failed");
  expect(result.steps?.[0]?.outcome).toBe(outcome);
});
