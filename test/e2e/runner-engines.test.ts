import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WorkEngine } from "../../src/contract/engine.ts";
import type { WorkStep } from "../../src/contract/step.ts";
import { standIns } from "../support/engine-stand-ins.ts";
import { ReleaseMirror, Signer } from "../support/release-mirror.ts";
import {
  APPLY_STEPS,
  PLAN_STEPS,
  resource,
  run,
  terraform,
  unit,
  useRunner,
} from "../support/runner-lab.ts";

// Tools that cannot be installed here are stand-ins: real processes whose argv, directory, variables and files are asserted.
const its = useRunner();
const { bin, path, standIn, planAndApply } = standIns(its);

const PLAN_JSON =
  '{"resource_changes":[{"address":"x.y","change":{"actions":["update"]}}],"output_changes":{}}';
/** What terraform does, as much as the runner sees of it. */
const TF_SCRIPT = `
case "$1" in --version) echo "$VERSION_LINE"; exit 0 ;; run) shift 2 ;; esac
case "$1" in
  workspace) test "$2" = new ;;
  plan) printf plan > "$OUT"; echo "the plan"; exit 2 ;;
  show) echo '${PLAN_JSON}' ;;
  output) echo '{"url":{"value":"u","sensitive":false},"key":{"value":"hidden-value","sensitive":true}}' ;;
  apply) for last; do :; done; test "$(cat "$last")" = plan && echo applied ;;
esac
`;

function terragruntEngine(more: Partial<Extract<WorkEngine, { name: "terragrunt" }>> = {}) {
  return {
    name: "terragrunt",
    version: null,
    command: null,
    tfCmd: "tofu",
    tfVersion: null,
    collectOutputs: true,
    ...more,
  } as const;
}

test("terragrunt (stand-in) plans and applies with the tofu that is configured below it", async () => {
  const terragrunt = standIn("terragrunt", `VERSION_LINE="terragrunt version v0.75.3"${TF_SCRIPT}`);
  const tofu = standIn("tofu", "exit 9");
  const { planned, applied } = await planAndApply(terragruntEngine(), "prod");
  expect(planned).toMatchObject({ changed: true, counts: { update: 1 }, text: "the plan" });
  expect(applied?.outputs).toEqual([
    { name: "url", sensitive: false, value: "u" },
    { name: "key", sensitive: true, value: null },
  ]);
  const verbs = terragrunt.argv.map((args) => args.split(" ").slice(0, 2).join(" "));
  const init = ["init -input=false", "workspace select", "workspace new"];
  expect(verbs).toEqual([
    ...init,
    "plan -input=false",
    "show -json",
    ...init,
    "apply -input=false",
    "output -json",
  ]);
  expect(tofu.argv).toEqual([]);
  for (const { env, cwd, stdin } of terragrunt.calls.filter(({ args }) => args[0] === "plan")) {
    expect(env).toMatchObject({
      TG_TF_PATH: join(bin(), "tofu"),
      TERRAGRUNT_TFPATH: join(bin(), "tofu"),
      TG_TF_FORWARD_STDOUT: "true",
      TERRAGRUNT_FORWARD_TF_STDOUT: "true",
      TG_NON_INTERACTIVE: "true",
      TERRATEAM_TF_CMD: "tofu",
      TERRATEAM_ENGINE_NAME: "terragrunt",
      TF_DATA_DIR: expect.stringMatching(/^\.terraform-[0-9a-f]{16}$/) as string,
    });
    expect(cwd.endsWith("/a")).toBe(true);
    expect(stdin).toBe("");
  }
});

test("terragrunt from 0.88 on (stand-in) gets workspace commands behind run --", async () => {
  const terragrunt = standIn("terragrunt", `VERSION_LINE="terragrunt version 0.88.1"${TF_SCRIPT}`);
  standIn("tofu", "exit 9");
  await planAndApply(terragruntEngine(), "prod");
  expect(terragrunt.argv).toContain("run -- workspace select -no-color prod");
  expect(terragrunt.argv).toContain("run -- workspace new -no-color prod");
  expect(terragrunt.argv.filter((args) => args.startsWith("workspace"))).toEqual([]);
});

test("runner defect 16: what replaces terragrunt leaves the terraform below it alone", async () => {
  const ours = standIn("our-terragrunt", `VERSION_LINE="terragrunt version 0.75.3"${TF_SCRIPT}`);
  const terragrunt = standIn("terragrunt", "exit 9");
  standIn("tofu", "exit 9");
  await planAndApply(terragruntEngine({ command: "our-terragrunt" }));
  expect(terragrunt.argv).toEqual([]);
  const plan = ours.calls.find(({ args }) => args[0] === "plan");
  expect(plan?.env).toMatchObject({
    TG_TF_PATH: join(bin(), "tofu"),
    TERRATEAM_TF_CMD: "tofu",
    TERRANE_TF_CMD: "tofu",
  });
});

test("cdktf (stand-in) is synthesised once for all stacks of a directory, each planned in its folder", async () => {
  const cdktf = standIn(
    "cdktf",
    `if [ "$1" = synth ]; then mkdir -p cdktf.out/stacks/one cdktf.out/stacks/two
echo '{"stacks":{"one":{"workingDirectory":"stacks/one"},"two":{"workingDirectory":"stacks/two"},"out":{"workingDirectory":"../.."}}}' > cdktf.out/manifest.json; fi`,
  );
  const tf = standIn("our-tf", TF_SCRIPT);
  const repository = its.repository({ "a/main.ts": "" });
  const headSha = repository.commit("feature", {});
  const engine = {
    name: "cdktf",
    command: null,
    tfCmd: "our-tf",
    tfVersion: null,
    collectOutputs: true,
  } as const;
  const names = ["one", "two", "out", "three"];
  const units = names.map((workspace) => unit("a", { workspace, engine }));
  await its.job({ headSha, units }, repository.bare, path());
  expect(cdktf.argv).toEqual(["get", "synth"]);
  expect(cdktf.calls[0]?.env["TERRAFORM_BINARY_NAME"]).toBe(join(bin(), "our-tf"));
  for (const name of ["one", "two"]) {
    expect(its.result(`a ${name}`, "planned")).toMatchObject({ changed: true });
    const calls = tf.calls.filter(({ cwd }) => cwd.endsWith(`/a/cdktf.out/stacks/${name}`));
    expect(calls.map(({ args }) => args[0])).toEqual(["init", "plan", "show"]);
  }
  expect(its.result("a three", "failed").failure.message).toContain(
    'has no stack "three"; its stacks are "one", "two", "out"',
  );
  expect(its.result("a out", "failed").failure.message).toContain("lies outside cdktf.out");
});

const PREVIEW = JSON.stringify({
  steps: [
    { op: "same", urn: "urn:pulumi:dev::web::pulumi:pulumi:Stack::web-dev" },
    { op: "create", urn: "urn:pulumi:dev::web::aws:s3/bucket:Bucket::logs" },
    {
      op: "create-replacement",
      urn: "urn:pulumi:dev::web::aws:ec2/instance:Instance::vm",
      replaceReasons: ["ami"],
    },
    { op: "replace", urn: "urn:pulumi:dev::web::aws:ec2/instance:Instance::vm" },
    { op: "delete-replaced", urn: "urn:pulumi:dev::web::aws:ec2/instance:Instance::vm" },
  ],
  changeSummary: { same: 1, create: 1, replace: 1 },
});
const PULUMI = `
case "$1" in
  preview) printf 'saved plan' > "$OUT"; cat <<'EOT'
PREVIEW
EOT
  ;;
  up) test "$(cat "$OUT")" = "saved plan" && echo updated ;;
  stack) if [ "$2" = output ]; then echo '{"url":"u","password":"[secret]"}'; fi ;;
esac
`;

test("runner defect 5: pulumi (stand-in) plans, shows what changes, and applies the saved plan and nothing else", async () => {
  const pulumi = standIn("pulumi", PULUMI.replace("PREVIEW", PREVIEW));
  const { planned, applied } = await planAndApply({ name: "pulumi" }, "dev");
  expect(planned).toMatchObject({
    changed: true,
    counts: { create: 1, replace: 1, update: 0, delete: 0 },
    changes: [
      { address: "aws:s3/bucket:Bucket::logs", action: "create", replacePaths: [] },
      { address: "aws:ec2/instance:Instance::vm", action: "replace", replacePaths: ["ami"] },
    ],
  });
  expect(planned.text).toContain("+- aws:ec2/instance:Instance::vm: replace (because of ami)");
  expect(applied?.outputs).toEqual([
    { name: "url", sensitive: false, value: "u" },
    { name: "password", sensitive: true, value: null },
  ]);
  const always = "--non-interactive --color never";
  expect(pulumi.argv).toEqual([
    `login ${always}`,
    `stack select --stack dev ${always}`,
    `preview --stack dev --json --save-plan=FILE ${always}`,
    `login ${always}`,
    `stack select --stack dev ${always}`,
    `up --stack dev --yes --skip-preview --plan=FILE ${always}`,
    `stack output --json --stack dev ${always}`,
  ]);
  expect(pulumi.calls[0]?.env).toMatchObject({ PULUMI_SKIP_UPDATE_CHECK: "true" });
  expect(pulumi.calls[0]?.env["TERRATEAM_TF_CMD"]).toBeUndefined();
});

test("pulumi (stand-in) without changes has nothing to apply, and one without saved plans is refused", async () => {
  const same = '{"steps":[{"op":"same","urn":"u"}],"changeSummary":{"same":3}}';
  standIn("pulumi", PULUMI.replace("PREVIEW", same));
  const { planned } = await planAndApply({ name: "pulumi" }, "dev");
  expect(planned).toMatchObject({ changed: false, planDigest: null });

  standIn(
    "pulumi",
    '[ "$1" = preview ] && { echo "error: unknown flag: --save-plan" >&2; exit 1; }; true',
  );
  const headSha = execFileSync("git", ["rev-parse", "feature"], {
    cwd: join(its.lab.folder, "author"),
  });
  const work = {
    headSha: headSha.toString().trim(),
    units: [unit("a", { engine: { name: "pulumi" } })],
  };
  await its.job(work, join(its.lab.folder, "origin.git"), path());
  expect(its.result("a default", "failed").failure.message).toContain(
    "could not be held to what was reviewed",
  );
});

test("runner defect 12: an engine that this version does not know is refused before anything runs", async () => {
  const fly = standIn("flyctl", "exit 0");
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const unsupported =
    "The engine fly is configured, and this version's runner does not know it. Configure terraform.";
  const units = [unit("a", { unsupported })];
  const ran = await its.job({ headSha, units }, repository.bare, path());
  expect(ran.code).toBe(1);
  expect(its.result("a default", "failed").failure.message).toBe(unsupported);
  expect(fly.argv).toEqual([]);
});

test("a program that replaces terraform is used under its own name, and its version is not asked", async () => {
  const ours = standIn("our-tf", TF_SCRIPT);
  const engine = {
    name: "terraform",
    version: "9.9.9",
    command: "our-tf",
    collectOutputs: false,
  } as const;
  const { planned, applied } = await planAndApply(engine);
  expect(planned.changed).toBe(true);
  expect(applied?.outputs).toEqual([]);
  expect(ours.calls.some(({ args }) => args[0] === "--version")).toBe(false);
  expect(ours.calls[0]?.env["TERRATEAM_TF_CMD"]).toBe("our-tf");
});

test("an apply is tried again as configured, and a plan that went stale never", async () => {
  const counting = `count="$(cat count 2>/dev/null)x"; [ "$1" = apply ] && printf "$count" > count`;
  standIn(
    "flaky",
    `${counting}${TF_SCRIPT.replace("apply)", 'apply) [ "$count" = xxx ] || exit 1;')}`,
  );
  const stale = standIn(
    "stale",
    TF_SCRIPT.replace("apply)", 'apply) echo "Error: Saved plan is stale"; exit 1;'),
  );
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const engineOf = (command: string) =>
    ({ name: "terraform", version: null, command, collectOutputs: true }) as const;
  const engines = { a: engineOf("flaky"), b: engineOf("stale") };
  const dirs = ["a", "b"] as const;
  const planUnits = dirs.map((dir) => unit(dir, { engine: engines[dir] }));
  await its.job({ headSha, units: planUnits }, repository.bare, path());
  const retry = { tries: 3, initialSleepSeconds: 0.01, backoff: 2 };
  const steps: WorkStep[] = [{ type: "apply", extraArgs: [], env: {}, retry }];
  const units = dirs.map((dir) => {
    const { planDigest } = its.result(`${dir} default`, "planned");
    return unit(dir, { engine: engines[dir], steps, planDigest });
  });
  await its.job({ kind: "apply", headSha, units }, repository.bare, path());
  its.result("a default", "applied");
  expect(its.result("b default", "failed").failure.message).toContain("exit code 1");
  expect(stale.argv.filter((args) => args.startsWith("apply"))).toHaveLength(1);
});

terraform(
  "runner defect 11: fast-and-loose plans for real with -target= what differed",
  async () => {
    const repository = its.repository({ "a/main.tf": resource("one", "1") + resource("two", "1") });
    const headSha = repository.commit("feature", {});
    const first = await its.job({ headSha, units: [unit("a")] }, repository.bare);
    expect(first, first.log).toMatchObject({ code: 0 });
    const { planDigest } = its.result("a default", "planned");
    const units = [unit("a", { steps: APPLY_STEPS, planDigest })];
    await its.job({ kind: "apply", headSha, units }, repository.bare);
    its.result("a default", "applied");

    const next = repository.commit("feature", {
      "a/main.tf": resource("one", "1") + resource("two", "2"),
    });
    const steps = PLAN_STEPS.map((step) =>
      step.type === "plan" ? ({ ...step, mode: "fast-and-loose" } as const) : step,
    );
    await its.job({ headSha: next, units: [unit("a", { steps })] }, repository.bare);
    expect(its.result("a default", "planned")).toMatchObject({
      changed: true,
      changes: [{ address: "terraform_data.two", action: "update" }],
    });
    const log = its.server.outputOf({ dir: "a", workspace: "default" });
    expect(log).toContain("-target=terraform_data.two");
    expect(log).not.toContain("-target=terraform_data.one");
  },
);

terraform(
  "a plan's text is what terraform printed, without progress and without where it was saved",
  async () => {
    const repository = its.repository({ "a/main.tf": resource("one", "1") });
    const headSha = repository.commit("feature", {});
    await its.job({ headSha, units: [unit("a")] }, repository.bare);
    const { text } = its.result("a default", "planned");
    expect(text).toMatch(/^Terraform used the selected providers/);
    expect(text).toMatch(/Plan: 1 to add, 0 to change, 0 to destroy\.$/);
  },
);

test("the plan's JSON lies beside the plan for every tool of the unit, and goes with it", async () => {
  standIn("our-tf", TF_SCRIPT);
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const engine = {
    name: "terraform",
    version: null,
    command: "our-tf",
    collectOutputs: true,
  } as const;
  const copy = join(its.lab.folder, "copy");
  const show: WorkStep = {
    type: "run",
    cmd: ["sh", "-c", 'cat "$TERRANE_PLAN_FILE.json" > "$0"', copy],
    env: {},
    captureOutput: false,
    ignoreErrors: false,
    runOn: "success",
    visibleOn: "failure",
    format: { type: "code" },
    gates: [],
  };
  const units = [unit("a", { engine, steps: [...PLAN_STEPS, show] })];
  await its.job({ headSha, units }, repository.bare, path());
  expect(readFileSync(copy, "utf8").trim()).toBe(PLAN_JSON);
  expect(existsSync(its.lab.workDir) && existsSync(join(its.lab.workDir, "scratch"))).toBe(false);
});

test("an engine that the job lacks is fetched, used, and found by scripts under its name", async () => {
  const signer = new Signer(its.lab.folder, "maker");
  const mirror = new ReleaseMirror(join(its.lab.folder, "mirror"), signer);
  mirror.publish(
    "tofu",
    "1.9.0",
    `#!/bin/sh\nVERSION_LINE="OpenTofu v1.9.0"\nfor arg in "$@"; do OUT="\${arg#*=}"; done${TF_SCRIPT}`,
  );
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const engine = { name: "tofu", version: "1.9.0", command: null, collectOutputs: true } as const;
  const steps = [...PLAN_STEPS, run(["tofu", "--version"])];
  const ran = await its.job(
    { headSha, units: ["a", "b"].map((dir) => unit(dir, { engine, steps })) },
    repository.bare,
    { TERRANE_ENGINE_MIRROR: mirror.fileUrl, TERRANE_ENGINE_KEY_FILE: signer.keyFile },
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(ran.log.match(/Fetched tofu 1\.9\.0/g)).toHaveLength(1);
  for (const dir of ["a", "b"]) {
    expect(its.result(`${dir} default`, "planned")).toMatchObject({ changed: true });
    expect(its.server.outputOf({ dir, workspace: "default" })).toContain("OpenTofu v1.9.0");
  }
});
