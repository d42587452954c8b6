import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PlanStorage } from "../../src/contract/plan-storage.ts";
import type { WorkUnit } from "../../src/contract/work.ts";
import { APPLY_STEPS, run, unit, useRunner } from "../support/runner-lab.ts";
import { StandIn } from "../support/stand-in.ts";

// The store is a folder, reached by cp or by a stand-in of the aws tool; the plans are those of a custom engine.
const its = useRunner();

const store = () => join(its.lab.folder, "store");
const engine: WorkUnit["engine"] = {
  name: "custom",
  init: null,
  plan: ["sh", "-c", 'echo "the secret plan" > "$TERRANE_PLAN_FILE"'],
  diff: null,
  apply: ["sh", "-c", 'cat "$TERRANE_PLAN_FILE"; test ! -e fail'],
  unsafeApply: null,
  outputs: null,
};

function cmd(remove: boolean): PlanStorage {
  const place = `${store()}/$workspace-$token`;
  return {
    method: "cmd",
    store: ["cp", "$plan_path", place],
    fetch: ["cp", place, "$plan_dst_path"],
    delete: remove ? ["rm", place] : null,
  };
}

async function planned(storage: PlanStorage, env: Record<string, string> = {}) {
  mkdirSync(store(), { recursive: true });
  const repository = its.repository({ "a $HOME/x": "" });
  const headSha = repository.commit("feature", {});
  const dir = "a $HOME";
  const plan = await its.job(
    { headSha, storage, units: [unit(dir, { engine })] },
    repository.bare,
    env,
  );
  expect(plan, plan.log).toMatchObject({ code: 0 });
  const { planDigest } = its.result(`${dir} default`, "planned");
  const units = [unit(dir, { engine, steps: APPLY_STEPS, planDigest })];
  const apply = (sha = headSha) =>
    its.job(
      { kind: "apply", headSha: sha, reviewedSha: headSha, units, storage },
      repository.bare,
      env,
    );
  return { key: `${dir} default`, dir, repository, headSha, apply };
}

test("a plan that waits elsewhere is sealed there, and the server keeps what to do with it", async () => {
  const { apply, key } = await planned(cmd(true));
  const [name = ""] = readdirSync(store());
  expect(name).toMatch(/^default-[0-9a-f]{16}$/);
  expect(readFileSync(join(store(), name), "latin1")).not.toContain("the secret plan");
  const [kept] = [...its.server.plans.values()];
  expect(kept?.toString("utf8")).toMatch(/^TRNS1\n\{"fetch":\["cp",/);
  await apply();
  expect(its.result(key, "applied").text).toBe("the secret plan");
  expect(readdirSync(store())).toEqual([]);
});

test("runner defect 7: an apply works where the storage has no delete command, and the plan stays", async () => {
  const { apply, key } = await planned(cmd(false));
  await apply();
  its.result(key, "applied");
  expect(readdirSync(store())).toHaveLength(1);
});

test("runner defect 27: a plan is kept until its apply has succeeded, so that a failed one is tried again with it", async () => {
  const { apply, key, dir, repository, headSha } = await planned(cmd(true));
  const failing = repository.commit("feature", { [`${dir}/fail`]: "" });
  await apply(failing);
  expect(its.result(key, "failed").failure.step).toBe("apply");
  expect(readdirSync(store())).toHaveLength(1);
  await apply(headSha);
  expect(its.result(key, "applied").text).toBe("the secret plan");
  expect(readdirSync(store())).toEqual([]);
});

test("s3 is reached by the aws tool (stand-in), with its keys in variables and not on the command line", async () => {
  const bin = join(its.lab.folder, "bin");
  const aws = new StandIn(
    bin,
    "aws",
    `cd '${its.lab.folder}/store'; name() { echo "$1" | tr '/$ ' '___'; }
shift 4; verb="$VERB"; case "$#" in 3) if [ "\${2#s3:}" = "$2" ]; then cp "$2" "$(name "$3")"; else cp "$(name "$2")" "$3"; fi ;; 1) rm "$(name "$1")" ;; esac`,
  );
  const storage: PlanStorage = {
    method: "s3",
    bucket: "plans",
    region: "eu-west-1",
    path: null,
    accessKeyId: "${PLAN_KEY}",
    secretAccessKey: "${PLAN_SECRET}",
    deleteUsedPlans: true,
    storeExtraArgs: ["--quiet"],
    fetchExtraArgs: ["--quiet"],
    deleteExtraArgs: [],
  };
  const env = {
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    PLAN_KEY: "AKIAEXAMPLE",
    PLAN_SECRET: "very-secret-value",
  };
  const { apply, key } = await planned(storage, env);
  await apply();
  expect(its.result(key, "applied").text).toBe("the secret plan");
  const object = expect.stringMatching(
    /^s3:\/\/plans\/terrateam\/plans\/a \$HOME\/default\/\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{16}$/,
  ) as string;
  const file = expect.stringMatching(/\.sealed$/) as string;
  const always = ["--region", "eu-west-1"];
  expect(aws.calls.map(({ args }) => args)).toEqual([
    ["s3", "cp", ...always, "--quiet", file, object],
    ["s3", "cp", ...always, "--quiet", object, file],
    ["s3", "rm", ...always, object],
  ]);
  for (const call of aws.calls) {
    expect(call.env).toMatchObject({
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "very-secret-value",
    });
  }
  expect(existsSync(join(store(), "anything"))).toBe(false);
  expect(its.server.everything()).not.toContain("very-secret-value");
});

test("a store that fails fails the plan, and says what to correct", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const storage = {
    ...cmd(false),
    method: "cmd",
    store: ["no-such-store", "$plan_path"],
  } as PlanStorage;
  await its.job({ headSha, storage, units: [unit("a", { engine })] }, repository.bare);
  expect(its.result("a default", "failed").failure).toMatchObject({
    step: "storage",
    message: expect.stringContaining('"no-such-store" of the plan storage was not found') as string,
  });
});

test.each([
  ["is gone", (file: string) => rmSync(file)],
  ["was swapped", (file: string) => writeFileSync(file, "another plan")],
])(
  "S12 a plan that %s is not made good by a step before it whose errors are ignored: nothing is applied",
  async (_what, spoil) => {
    const { key, dir, repository, headSha } = await planned(cmd(true));
    const [name = ""] = readdirSync(store());
    spoil(join(store(), name));
    const marks = join(its.lab.folder, "marks");
    const blind = { ...engine, apply: ["sh", "-c", `echo applied >> ${marks}`] };
    const { planDigest } = its.result(key, "planned");
    const before = run(["sh", "-c", `echo ran >> ${marks}`], { ignoreErrors: true });
    const units = [unit(dir, { engine: blind, steps: [before, ...APPLY_STEPS], planDigest })];
    await its.job(
      { kind: "apply", headSha, reviewedSha: headSha, units, storage: cmd(true) },
      repository.bare,
    );
    const { failure } = its.result(key, "failed");
    expect(["storage", "seal"]).toContain(failure.step);
    expect(failure.message).toContain("Nothing was applied.");
    expect(existsSync(marks) ? readFileSync(marks, "utf8") : "").toBe("");
  },
);
