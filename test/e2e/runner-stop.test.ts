import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import {
  APPLY_STEPS,
  killGroup,
  PLAN_STEPS,
  run,
  terraform,
  unit,
  until,
  useRunner,
  workItem,
} from "../support/runner-lab.ts";

const its = useRunner();

const SHELL = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;
const sleeper = (marker: string) => run(["sh", "-c", `echo ${marker}; exec sleep 60`]);
const outputOf = (dir: string) => its.server.outputOf({ dir, workspace: "default" });

/** Applies something that says when it began and takes the given time. */
function slow(seconds: number, after = "true"): string {
  return `resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo began; sleep ${seconds}; ${after}"
  }
}
resource "terraform_data" "later" {
  depends_on = [terraform_data.slow]
}
`;
}

async function plannedApply(files: Record<string, string>) {
  const repository = its.repository(files);
  const headSha = repository.commit("feature", {});
  await its.job({ headSha, units: [unit("a")] }, repository.bare);
  const { planDigest } = its.result("a default", "planned");
  const units = [unit("a", { steps: APPLY_STEPS, planDigest })];
  its.server.offer(workItem({ kind: "apply", headSha, units }, repository.bare));
  return { repository, headSha };
}

test("cancellation comes with the heartbeat: tools are interrupted, the rest never starts", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const units = ["a", "b"].map((dir) => unit(dir, { steps: [sleeper("began")], engine: SHELL }));
  its.server.offer(workItem({ headSha, units, parallel: 1 }, repository.bare));
  const job = its.start();
  await until("the tool runs", () => outputOf("a").includes("began\n"));
  await until("the beat names it", () => its.server.running.has("a default"));
  its.server.script.cancel = true;
  const ran = await job.ended;
  expect(ran.code).toBe(1);
  const { failure } = its.result("a default", "failed");
  expect(failure).toMatchObject({ step: "run", signal: "SIGINT" });
  expect(failure.message).toContain("cancelled");
  expect(its.result("b default", "not_started").because).toContain("cancelled");
  expect(its.server.finishes).toEqual([{ failure: null, gates: [] }]);
});

test("a tool that ignores the interrupt is killed after the grace period", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const deaf = run(["sh", "-c", "trap '' INT; echo began; while :; do sleep 0.1; done"]);
  its.server.offer(
    workItem({ headSha, units: [unit("a", { steps: [deaf], engine: SHELL })] }, repository.bare),
  );
  const job = its.start({ TERRANE_STOP_GRACE_SECONDS: "0.5" });
  await until("the tool runs", () => outputOf("a").includes("began\n"));
  job.process.kill("SIGTERM");
  await job.ended;
  expect(its.result("a default", "failed").failure).toMatchObject({ signal: "SIGKILL" });
});

terraform(
  "a plan whose checks were cut off by a cancellation is none, however good it looked",
  async () => {
    const repository = its.repository({ "a/main.tf": slow(0) });
    const headSha = repository.commit("feature", {});
    const lastly = run(["sh", "-c", "echo planned; trap 'exit 0' INT TERM; sleep 60 & wait"]);
    const check = run(["false"]);
    const steps = [...PLAN_STEPS, lastly, check];
    its.server.offer(workItem({ headSha, units: [unit("a", { steps })] }, repository.bare));
    const job = its.start();
    await until("the plan is there", () => outputOf("a").includes("planned\n"));
    job.process.kill("SIGTERM");
    expect((await job.ended).code).toBe(1);
    expect(its.result("a default", "failed").failure).toMatchObject({ step: "cancel" });
  },
);

terraform(
  "S13 an interrupted apply saves its state and reports a fence; it is not killed",
  async () => {
    await plannedApply({ "a/main.tf": slow(3, "echo ended") });
    const job = its.start({ TERRANE_STOP_GRACE_SECONDS: "0.2" });
    await until("the apply runs", () => outputOf("a").includes("began"));
    job.process.kill("SIGTERM");
    const ran = await job.ended;
    expect(ran.code).toBe(1);
    const result = its.result("a default", "failed");
    expect(result).toMatchObject({ fence: 41, failure: { step: "apply", signal: null } });
    expect(result.failure.tail).toContain("Interrupt received");
    expect(its.server.finishes).toEqual([{ failure: null, gates: [] }]);
  },
);

terraform("a killed terraform is reported by its signal", async () => {
  await plannedApply({ "a/main.tf": slow(30, "kill") });
  const job = its.start();
  await until("the apply runs", () => outputOf("a").includes("began"));
  const children = execFileSync("pgrep", ["-g", String(job.process.pid), "-f", "terraform apply"]);
  for (const pid of children.toString().trim().split("\n")) process.kill(Number(pid), "SIGKILL");
  await job.ended;
  expect(its.result("a default", "failed")).toMatchObject({
    fence: 41,
    failure: { step: "apply", signal: "SIGKILL", exitCode: null },
  });
});

test("when the CI system kills the job, its tools die with it and nothing claims otherwise", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  its.server.offer(
    workItem(
      { headSha, units: [unit("a", { steps: [sleeper("began")], engine: SHELL })] },
      repository.bare,
    ),
  );
  const job = its.start();
  await until("the tool runs", () => outputOf("a").includes("began\n"));
  const group = String(job.process.pid);
  expect(execFileSync("pgrep", ["-g", group]).toString().trim().split("\n").length).toBeGreaterThan(
    1,
  );
  killGroup(job.process, "SIGKILL");
  expect((await job.ended).signal).toBe("SIGKILL");
  await until("no process is left", () => {
    try {
      return execFileSync("pgrep", ["-r", "R,S,D", "-g", group]).length === 0;
    } catch {
      return true;
    }
  });
  expect(its.server.results.size).toBe(0);
  expect(its.server.finishes).toEqual([]);
});

test("a run that the server has given up stops by itself", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [sleeper("began")], engine: SHELL })];
  its.server.offer(workItem({ headSha, units }, repository.bare));
  const job = its.start();
  await until("the tool runs", () => outputOf("a").includes("began\n"));
  its.server.script.over = true;
  const ran = await job.ended;
  expect(ran.code).toBe(1);
  expect(ran.log).toContain("run is over");
});

test("without contact for too long the tools are stopped", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [sleeper("began")], engine: SHELL })];
  its.server.offer(workItem({ headSha, units }, repository.bare));
  const job = its.start({ TERRANE_CONTACT_LOST_SECONDS: "1" });
  await until("the tool runs", () => outputOf("a").includes("began\n"));
  its.server.script.down = true;
  await new Promise((done) => setTimeout(done, 2_000));
  its.server.script.down = false;
  await job.ended;
  expect(its.result("a default", "failed").failure.message).toContain("could not be reached");
});

terraform("lost contact never stops an apply", async () => {
  await plannedApply({ "a/main.tf": slow(3) });
  const job = its.start({ TERRANE_CONTACT_LOST_SECONDS: "0.5" });
  await until("the apply runs", () => outputOf("a").includes("began"));
  its.server.script.down = true;
  await new Promise((done) => setTimeout(done, 2_000));
  its.server.script.down = false;
  const ran = await job.ended;
  expect(its.result("a default", "applied").fence, ran.log).toBe(41);
});

test("lost contact stops no command of an apply that has its grant, nor what comes between two", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const deploy = (says: string) => run(["sh", "-c", `echo ${says}; sleep 1.5`]);
  const steps = [deploy("began"), deploy("goes on")];
  const units = [unit("a", { steps, engine: SHELL })];
  its.server.offer(workItem({ kind: "apply", autoApprove: true, headSha, units }, repository.bare));
  const job = its.start({ TERRANE_CONTACT_LOST_SECONDS: "0.5" });
  await until("the command runs", () => outputOf("a").includes("began\n"));
  its.server.script.down = true;
  await new Promise((done) => setTimeout(done, 2_000));
  its.server.script.down = false;
  const ran = await job.ended;
  expect(its.result("a default", "applied").fence, ran.log).toBe(41);
});
