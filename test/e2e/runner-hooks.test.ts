import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WorkHook } from "../../src/contract/step.ts";
import type { WorkUnit } from "../../src/contract/work.ts";
import { run, unit, until, useRunner, workItem } from "../support/runner-lab.ts";

const its = useRunner();

/** No engine is asked anything in these tests. */
const engine = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;
const plain = (dir: string, steps: WorkUnit["steps"]) => unit(dir, { steps, engine });
const sh = (script: string, more: Parameters<typeof run>[1] = {}) =>
  run(["sh", "-c", script], { captureOutput: true, ...more }) as WorkHook;
const setEnv = (name: string, cmd: string[]) =>
  ({
    type: "env",
    method: "exec",
    name,
    cmd,
    sensitive: false,
    trimTrailingNewlines: true,
  }) as const;
const log = (dir: string) => its.server.outputOf({ dir, workspace: "default" });
const finish = () => {
  const [end] = its.server.finishes;
  if (end === undefined) throw new Error("the run did not finish");
  return end;
};

test("hooks run once per run in the root, and what they set holds for every dirspace", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "", "c/x": "" });
  const headSha = repository.commit("feature", {});
  const show = run(["sh", "-c", 'echo "FROM=$FROM LOCAL=$${LOCAL:-unset}"']);
  const setLocal = setEnv("LOCAL", ["echo", "mine"]);
  const ran = await its.job(
    {
      headSha,
      units: [plain("a", [show]), plain("b", [setLocal, show]), plain("c", [show])],
      hooks: {
        pre: [
          setEnv("FROM", ["echo", "hook"]),
          sh('echo once >> "$TERRANE_ROOT/marker"; pwd; ls; echo $TERRATEAM_OPERATION'),
        ],
        post: [sh('echo "lines=$(grep -c once marker) FROM=$FROM"', { runOn: "always" })],
      },
    },
    repository.bare,
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(log("a")).toContain("FROM=hook LOCAL=unset");
  expect(log("b")).toContain("FROM=hook LOCAL=mine");
  expect(log("c")).toContain("FROM=hook LOCAL=unset");
  const { pre, post } = finish().hooks ?? { pre: [], post: [] };
  expect(pre.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    "env succeeded",
    "run succeeded",
  ]);
  expect(pre[1]?.text).toMatch(/checkout\na\nb\nc\nmarker\nplan$/);
  expect(post[0]?.text).toBe("lines=1 FROM=hook");
  expect(ran.log).toContain("Hooks before");
});

test("a hook before that fails fails every dirspace with its reason, and hooks after say so", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const say = run(["echo", "a step ran"]);
  const after = [{ dir: "a", workspace: "default" }];
  const ran = await its.job(
    {
      headSha,
      units: [plain("a", [say]), { ...plain("b", [say]), after }],
      hooks: {
        pre: [sh("echo why >&2; exit 4"), sh("echo not reached")],
        post: [
          sh("echo on success", { runOn: "success" }),
          sh("echo on failure $TERRANE_RESULT", { runOn: "failure" }),
          sh("echo always", { runOn: "always" }),
        ],
      },
    },
    repository.bare,
  );
  expect(ran.code).toBe(1);
  for (const dir of ["a", "b"]) {
    const { failure, fence } = its.result(`${dir} default`, "failed");
    expect(failure).toMatchObject({ step: "run", exitCode: 4 });
    expect(failure.message).toContain("A hook that runs before the dirspaces failed");
    expect(failure.tail).toContain("why");
    expect(fence).toBeNull();
  }
  const { pre, post } = finish().hooks ?? { pre: [], post: [] };
  expect(pre.map(({ outcome }) => outcome)).toEqual(["failed"]);
  expect(post.map(({ text }) => text)).toEqual(["on failure failed", "always"]);
});

test("no apply asks for its permission after a hook before it failed", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const planDigest = "0".repeat(64);
  await its.job(
    {
      kind: "apply",
      headSha,
      units: [{ ...plain("a", [run(["true"])]), planDigest }],
      hooks: { pre: [sh("exit 1")], post: [] },
    },
    repository.bare,
  );
  expect(its.server.grants).toEqual([]);
  expect(its.result("a default", "failed").fence).toBeNull();
});

test("a hook after that fails turns the job red and leaves the results of the dirspaces alone", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const ran = await its.job(
    {
      headSha,
      units: [plain("a", [run(["true"])])],
      hooks: { pre: [], post: [sh("exit 9")] },
    },
    repository.bare,
  );
  expect(ran.code).toBe(1);
  its.result("a default", "planned");
  expect(finish()).toMatchObject({ failure: null, hooks: { post: [{ exitCode: 9 }] } });
});

test("runner defect 3: hooks after read the results from a file, masked", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const ran = await its.job(
    {
      headSha,
      units: [
        plain("a", [
          run(["sh", "-c", "echo key=$DB_PASSWORD; exit 3"], {
            ignoreErrors: true,
            captureOutput: true,
          }),
        ]),
        plain("b", [run(["sh", "-c", "echo plain"], { captureOutput: true })]),
      ],
      hooks: {
        pre: [sh("echo before")],
        post: [
          sh('cat "$TERRANE_RESULTS_FILE"'),
          sh('cmp "$TERRATEAM_RESULTS_FILE" "$TERRANE_RESULTS_FILE"'),
          sh('base64 -w0 "$TERRANE_RESULTS_FILE"'),
        ],
      },
    },
    repository.bare,
    { DB_PASSWORD: "hunter2-5ecret" },
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const text = finish().hooks?.post[0]?.text ?? "";
  const file: unknown = JSON.parse(text);
  expect(file).toMatchObject({
    success: true,
    steps: [
      {
        step: "run",
        success: true,
        ignore_errors: false,
        scope: { type: "run", flow: "hooks", subflow: "pre" },
        payload: { text: "before", exit_code: 0, visible_on: "failure" },
      },
      {
        step: "run",
        success: false,
        ignore_errors: true,
        scope: { type: "dirspace", dir: "a", workspace: "default" },
        payload: { exit_code: 3 },
      },
      {
        step: "run",
        success: true,
        scope: { type: "dirspace", dir: "b", workspace: "default" },
        payload: { text: "plain" },
      },
    ],
  });
  expect(text).toContain("key=***");
  const raw = Buffer.from(finish().hooks?.post[2]?.text ?? "", "base64").toString("utf8");
  expect(raw).toContain("key=***");
  expect(its.server.everything()).not.toContain("hunter2-5ecret");
  expect(ran.log).not.toContain("hunter2-5ecret");
});

test("keys for git and the token of Terraform Cloud are there for hooks and steps, from the job or a hook", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const keys =
    'for f in $(echo "$GIT_SSH_COMMAND" | grep -o "ERRATEAM_SSH_KEY[A-Z_]*"); do echo "key $f"; done';
  const token = 'test "$TF_TOKEN_app_terraform_io" = cloud-5ecret && echo token';
  const ran = await its.job(
    {
      headSha,
      units: [plain("a", [run(["sh", "-c", `${keys}; ${token}`.replaceAll("$", "$$$$")])])],
      hooks: {
        pre: [
          sh(keys.replaceAll("$", "$$$$")),
          setEnv("TF_API_TOKEN", ["echo", "cloud-5ecret"]),
          setEnv("TERRATEAM_SSH_KEY_LATE", ["echo", "late-5ecret-key"]),
          sh(`${keys}; ${token}`.replaceAll("$", "$$$$")),
        ],
        post: [],
      },
    },
    repository.bare,
    { TERRATEAM_SSH_KEY: "first-5ecret-key" },
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const texts = finish().hooks?.pre.map(({ text }) => text);
  expect(texts?.[0]).toBe("key ERRATEAM_SSH_KEY");
  expect(texts?.[3]).toBe("key ERRATEAM_SSH_KEY\nkey ERRATEAM_SSH_KEY_LATE\ntoken");
  expect(log("a")).toContain("key ERRATEAM_SSH_KEY_LATE\ntoken");
});

test("runner defect 9: a step that this runner does not know fails with its name, the rest is reported", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  its.server.script.rewriteWork = (work) => {
    const [first] = work.units;
    first?.steps.push({ type: "from_the_future", cmd: 7 } as never);
    return work;
  };
  const ran = await its.job(
    {
      headSha,
      units: [plain("a", [run(["echo", "one"])]), plain("b", [run(["echo", "two"])])],
    },
    repository.bare,
  );
  expect(ran.code).toBe(1);
  const failed = its.result("a default", "failed");
  expect(failed.failure.message).toContain('does not know the step "from_the_future"');
  expect(failed.steps?.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    "run succeeded",
    "from_the_future failed",
  ]);
  its.result("b default", "planned");
});

test("what a hook says is in the log of the job while it still runs, and masked", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const go = join(its.lab.folder, "go");
  const waits = `echo ::add-mask::hunter-2; echo first hunter-2; until [ -e '${go}' ]; do sleep 0.1; done; echo last`;
  const hooks = { pre: [sh(waits)], post: [] };
  its.server.offer(workItem({ headSha, units: [plain("a", [])], hooks }, repository.bare));
  const job = its.start();
  await until("the hook is heard", () => job.log().includes("\nfirst ***\n"));
  expect(job.log()).not.toContain("\nlast\n");
  writeFileSync(go, "");
  const ran = await job.ended;
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(ran.log.match(/^(?:first|last).*$/gm)).toEqual(["first ***", "last"]);
  expect(ran.log).not.toContain("hunter-2");
});
