import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../support/compatible-client.ts";
import { type CompatibleLab, compatibleLab, type Route } from "../support/compatible-lab.ts";

/** Builders through the door of existing runners: one job works through them and goes on with the plan. */
let lab: CompatibleLab;

beforeAll(async () => {
  lab = await compatibleLab();
});

afterAll(() => lab.http.close());

const TREE = "tree_builder: {enabled: true, script: ./files.sh}\n";
const CONFIG = "config_builder: {enabled: true, script: ./config.py}\n";
const PLANS: Script = { plan: () => ({ plan: "plan", text: "+ a", changes: true }) };

/** A pull request that changes one directory of its own, worked on with this configuration. */
async function worked(config: string, script: (name: string) => Script, route: Route = "github") {
  const { vcs } = lab.engine;
  vcs.config = config;
  try {
    const name = `b${lab.number + 1}`;
    vcs.files = [...vcs.files, `${name}/main.tf`, `${name}/other/main.tf`];
    const job = await lab.opened([`${name}/main.tf`]);
    const ended = await lab.run(lab.clientJob(job, {}, route), { ...PLANS, ...script(name) });
    return { name, number: job.number, types: ended.manifests.map(({ type }) => type), ended };
  } finally {
    vcs.config = undefined;
  }
}

async function planned(number: number): Promise<readonly string[]> {
  return (await lab.works(number)).map(({ dirspace }) => String(dirspace));
}

test.each<Route>(["github", "gitlab"])(
  "on the route of %s the files are listed, the configuration is built, the code is read, then it is planned",
  async (route) => {
    const seen: { script: string; stdin: unknown }[] = [];
    const { name, number, types, ended } = await worked(
      `${TREE}${CONFIG}indexer: {enabled: true}\n`,
      (own) => ({
        buildTree: () => [{ path: `/${own}/generated/main.tf`, changed: true }],
        buildConfig: (script, stdin) => {
          seen.push({ script, stdin });
          return { dirs: { [`${own}/generated`]: { tags: ["made"] } } };
        },
        index: () => ({}),
      }),
      route,
    );
    for (const manifest of ended.manifests.slice(0, 2)) {
      expect(Object.keys(manifest).toSorted()).toEqual(["base_ref", "config", "token", "type"]);
    }
    expect(types).toEqual(["build-tree", "build-config", "index", "plan", "done"]);
    expect(seen).toMatchObject([
      { script: "./config.py", stdin: { version: "1", dirs: { [`${name}/generated`]: {} } } },
    ]);
    expect(await planned(number)).toEqual([`${name}/generated`]);
    expect(await lab.outcomes(number)).toEqual(["finished"]);
  },
);

test("runner defect 20: a path that kept the slash of the root is the same file", async () => {
  const { name, number } = await worked(TREE, (own) => ({
    buildTree: () => [{ path: `/${own}/main.tf` }, { path: `./${own}/other/main.tf` }],
  }));
  expect(await planned(number)).toEqual([name]);
});

test("where only ids could tell, git tells, and what git does not have counts as changed", async () => {
  const { name, number } = await worked(TREE, (own) => ({
    buildTree: () => [
      { path: `${own}/main.tf`, id: "1" },
      { path: `${own}/other/main.tf`, id: "2" },
      { path: `${own}/made/main.tf`, id: "3" },
    ],
  }));
  expect((await planned(number)).toSorted()).toEqual([name, `${name}/made`]);
});

test.each([
  ["tree_builder", TREE, { buildTree: () => fails("make: no rule") }],
  ["config_builder", CONFIG, { buildConfig: () => fails("make: no rule") }],
] as const)("a failing %s fails the run with what it said", async (builder, config, script) => {
  const { number, types } = await worked(config, () => script);
  expect(types).toEqual([builder === "tree_builder" ? "build-tree" : "build-config", "done"]);
  expect(await lab.outcomes(number)).toEqual(["failed"]);
  expect(lab.comment(number)).toContain("make: no rule");
  expect(lab.comment(number)).toContain(`\`${builder}\` did not work`);
});

test("a path that leads out of the repository fails the run and is named", async () => {
  const { number } = await worked(TREE, () => ({
    buildTree: () => [{ path: "../../etc/passwd" }],
  }));
  expect(await lab.outcomes(number)).toEqual(["failed"]);
  expect(lab.comment(number)).toContain("../../etc/passwd");
});

test("a built configuration with an error is shown with the builder's name and the line", async () => {
  const { number } = await worked(CONFIG, () => ({ buildConfig: () => ({ paralel_runs: 1 }) }));
  expect(lab.comment(number)).toContain("built by config_builder, line 2");
});

function fails(message: string): never {
  throw new Error(message);
}
