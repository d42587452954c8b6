import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  PLAN_STEPS,
  resource,
  run,
  terraform,
  unit,
  until,
  useRunner,
  workItem,
} from "../support/runner-lab.ts";

const its = useRunner();

const SHELL = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;

/** A folder with links to just these programs, for a PATH that lacks others. */
function pathWith(...programs: string[]): string {
  const folder = join(its.lab.folder, `bin-${programs.join("-")}`);
  mkdirSync(folder);
  for (const program of programs) {
    symlinkSync(execFileSync("which", [program]).toString().trim(), join(folder, program));
  }
  return folder;
}

test("a merge conflict fails the checkout, names the files and the way out", async () => {
  const repository = its.repository({ "a/main.tf": "one\n", "b c.tf": "one\n", "d.tf": "one\n" });
  const headSha = repository.commit("feature", { "a/main.tf": "two\n", "b c.tf": "two\n" });
  const baseSha = repository.commit("main", { "a/main.tf": "three\n", "b c.tf": "three\n" });
  const ran = await its.job({ headSha, baseSha, units: [unit("a")] }, repository.bare);
  expect(ran.code).toBe(1);
  const failure = its.server.finishes[0]?.failure;
  expect(failure?.step).toBe("checkout");
  expect(failure?.message).toBe(
    'The branch feature conflicts with main in "a/main.tf", "b c.tf". Merge main into feature, ' +
      "resolve the conflicts and push; the new commit is planned by itself.",
  );
  expect(its.result("a default", "not_started").because).toBe(failure?.message);
});

test("hooks and drivers of a repository do not run at checkout", async () => {
  const repository = its.repository({ "a/x": "1\n", ".gitattributes": "* merge=evil\n" });
  const headSha = repository.commit("feature", { "a/y": "2\n" });
  const baseSha = repository.commit("main", { "a/z": "3\n" });
  const units = [unit("a", { steps: [run(["ls"])], engine: SHELL })];
  const ran = await its.job({ headSha, baseSha, units }, repository.bare);
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(its.server.outputOf({ dir: "a", workspace: "default" })).toMatch(/x\ny\nz\n/);
});

test("a commit that cannot be had is a checkout failure after three tries", async () => {
  const repository = its.repository({ "a/x": "" });
  const ran = await its.job(
    { headSha: "0".repeat(39).concat("1"), units: [unit("a")] },
    repository.bare,
  );
  expect(ran.log).toContain("try 3 of 3");
  expect(its.server.finishes[0]?.failure).toMatchObject({ step: "checkout" });
});

test("without git the failure says what to install", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  await its.job({ headSha, units: [unit("a")] }, repository.bare, { PATH: pathWith("sh") });
  expect(its.server.finishes[0]?.failure?.message).toContain("Install git");
});

test("without terraform the failure says what to install and takes no other engine", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const PATH = pathWith("git", "sh");
  writeFileSync(join(PATH, "tofu"), "#!/bin/sh\nexit 0\n");
  chmodSync(join(PATH, "tofu"), 0o755);
  await its.job({ headSha, units: [unit("a")] }, repository.bare, { PATH });
  const { failure } = its.result("a default", "failed");
  expect(failure.step).toBe("engine");
  expect(failure.message).toContain("terraform was not found on PATH. Install terraform");
  expect(failure.message).toContain("tofu is there, but is never used in its place");
});

terraform(
  "a configured version that is not the installed one is refused before anything runs",
  async () => {
    const repository = its.repository({ "a/main.tf": "" });
    const headSha = repository.commit("feature", {});
    const engine = {
      name: "terraform",
      version: "0.12.1",
      command: null,
      collectOutputs: true,
    } as const;
    await its.job({ headSha, units: [unit("a", { engine })] }, repository.bare);
    expect(its.result("a default", "failed").failure.message).toContain(
      "terraform 0.12.1 is configured",
    );
  },
);

test("tofu is driven like terraform: a stand-in sees the same arguments", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const PATH = `${pathWith("git")}:${process.env["PATH"] ?? ""}`;
  const calls = join(its.lab.folder, "calls");
  const script = `#!/bin/sh
echo "$@" >> '${calls}'
case "$1" in
  workspace) test "$2" = new ;;
  plan) for last; do :; done; printf plan > "\${last#-out=}"; echo "the plan"; exit 2 ;;
  show) if [ "$2" = -json ]; then
    echo '{"resource_changes":[{"address":"x.y","change":{"actions":["update"]}}]}'
  else echo "  ~ x.y"; fi ;;
esac
`;
  const tofu = join(PATH.split(":")[0] ?? "", "tofu");
  writeFileSync(tofu, script);
  chmodSync(tofu, 0o755);
  const engine = { name: "tofu", version: null, command: null, collectOutputs: true } as const;
  const units = [unit("a", { engine, workspace: "prod" })];
  const ran = await its.job({ headSha, units }, repository.bare, { PATH });
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(its.result("a prod", "planned")).toMatchObject({
    changed: true,
    counts: { update: 1 },
    text: "the plan",
  });
  const said = execFileSync("cat", [calls]).toString();
  expect(said).toMatch(
    /^init .*\nworkspace select -no-color prod\nworkspace new -no-color prod\nplan /,
  );
});

terraform("a failing init is tried three times, a wrong configuration only once", async () => {
  const repository = its.repository({
    "a/main.tf":
      'terraform {\n  backend "http" {\n    address = "http://127.0.0.1:1/x"\n    retry_max = 0\n  }\n}\n',
    "b/main.tf": 'resource "x" {\n',
  });
  const headSha = repository.commit("feature", {});
  await its.job({ headSha, units: [unit("a"), unit("b")] }, repository.bare);
  const log = (dir: string) => its.server.outputOf({ dir, workspace: "default" });
  expect(log("b").match(/\$ terraform init/g)).toHaveLength(1);
  expect(its.result("b default", "failed").failure).toMatchObject({ step: "init", exitCode: 1 });
  expect(its.result("a default", "failed").failure.exitCode).toBe(1);
});

test("S28 a server that is down for a while gets every result, once and unchanged", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const steps = [run(["sh", "-c", "echo first; sleep 1; echo last"])];
  const units = ["a", "b"].map((dir) => unit(dir, { steps, engine: SHELL }));
  its.server.offer(workItem({ headSha, units }, repository.bare));
  const job = its.start();
  await until("output comes", () => its.server.outputOf(unit("a")).includes("first"));
  its.server.script.down = true;
  await new Promise((done) => setTimeout(done, 3_000));
  expect(its.server.results.size).toBe(0);
  its.server.script.loseReply = { path: /results|output|finish/, times: 2 };
  its.server.script.fault = { path: /results|output|finish/, status: 503, times: 1 };
  its.server.script.down = false;
  const ran = await job.ended;
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect([...its.server.results.keys()].toSorted()).toEqual(["a default", "b default"]);
  expect(its.server.conflicts).toEqual([]);
  for (const dir of ["a", "b"]) {
    const said = its.server.outputOf(unit(dir));
    expect(said.match(/^first$/gm)).toHaveLength(1);
    expect(said.match(/^last$/gm)).toHaveLength(1);
  }
});

test("output shows while a tool still runs, within about a second", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const steps = [run(["sh", "-c", "echo early; sleep 4; echo late"])];
  its.server.offer(
    workItem({ headSha, units: [unit("a", { steps, engine: SHELL })] }, repository.bare),
  );
  const job = its.start();
  await until("the early line is here", () => its.server.outputOf(unit("a")).includes("early\n"));
  expect(its.server.results.size).toBe(0);
  expect(its.server.outputOf(unit("a"))).not.toContain("\nlate");
  await job.ended;
  expect(its.server.outputOf(unit("a"))).toContain("\nlate");
});

test("much output arrives whole and in order, and an error's last lines are never cut", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const steps = [run(["sh", "-c", "seq 1 60000; exit 1"])];
  await its.job({ headSha, units: [unit("a", { steps, engine: SHELL })] }, repository.bare);
  const said = its.server.outputOf(unit("a")).split("\n");
  const numbers = said.filter((line) => /^\d+$/.test(line)).map(Number);
  expect(numbers).toEqual(Array.from({ length: 60_000 }, (_, at) => at + 1));
  const { tail } = its.result("a default", "failed").failure;
  expect(tail.length).toBeLessThanOrEqual(60_000);
  expect(tail.trimEnd().split("\n").slice(-40)).toEqual(
    Array.from({ length: 40 }, (_, at) => String(59_961 + at)),
  );
  expect(tail).toContain("characters are not shown");
});

test("S26 a run that another job has claimed is left alone", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [], engine: SHELL })];
  await its.job({ headSha, units }, repository.bare);
  const again = await its.start().ended;
  expect(again.code).toBe(1);
  expect(again.log).toContain("claimed");
  expect(its.server.finishes).toHaveLength(1);
});

terraform("the checkout of the CI system is used where there is no URL", async () => {
  const repository = its.repository({ "a/main.tf": resource("r", "1") });
  const headSha = repository.commit("feature", { "a/b.tf": resource("s", "1") });
  const baseSha = repository.commit("main", { "a/c.tf": resource("t", "1") });
  const clone = join(its.lab.folder, "ci checkout");
  execFileSync("git", [
    "clone",
    "-q",
    "--depth=1",
    "--branch=feature",
    `file://${repository.bare}`,
    clone,
  ]);
  const ran = await its.job({ headSha, baseSha, units: [unit("a", { steps: PLAN_STEPS })] }, null, {
    PWD: clone,
  });
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(its.result("a default", "planned").counts.create).toBe(3);
});
