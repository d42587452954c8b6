import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { BuiltTree } from "../build/built-tree.ts";
import type { Write } from "../decision.ts";
import type { Preparation } from "../run/preparing.ts";

const TREE = "tree_builder: {enabled: true, script: ./files}\n";
const CONFIG = "config_builder: {enabled: true, script: ./config}\n";
const FILES = ["live/eu/main.tf", "live/us/main.tf", "gen/a/main.tf"];

function opened(config: string, changed: readonly string[] = ["live/eu/main.tf"]): CoreWorld {
  const world = new CoreWorld(FILES, changed, config);
  world.changed();
  return world;
}

/** What the newest run has its job find out now. */
function pending(world: CoreWorld): Preparation {
  const { prepares = [], prepared = [] } = world.activeRun("plan").preparing ?? {};
  const left = prepares.filter((one) => !prepared.includes(one));
  expect(left).toHaveLength(1);
  return left[0] ?? "index";
}

/** The job has an answer, which the world gives from now on. */
function answers(world: CoreWorld, answer: { tree?: BuiltTree; config?: string; index?: true }) {
  if (world.activeRun("plan").state !== "running") world.claims("plan");
  const what = pending(world);
  world.builtTree = answer.tree ?? world.builtTree;
  world.builtConfig = answer.config ?? world.builtConfig;
  if (answer.index === true) world.index = { directories: [], symlinks: [], problems: [] };
  const { id } = world.activeRun("plan");
  const runs = world.snapshot.runs.map((run) =>
    run.id === id && run.preparing !== undefined
      ? { ...run, preparing: { ...run.preparing, prepared: [...run.preparing.prepared, what] } }
      : run,
  );
  world.snapshot = { ...world.snapshot, runs };
  return world.happens({ kind: "run_progressed", runId: id });
}

function orderOf(world: CoreWorld): { script: string; input: Record<string, unknown> | undefined } {
  const find = (write: Write) =>
    write.kind === "create_run"
      ? write.run.order
      : write.kind === "prepare_next"
        ? write.order
        : undefined;
  const [order] = (world.last?.writes ?? []).flatMap((write) => find(write) ?? []);
  if (order === undefined) throw new Error("nothing was ordered");
  const { script, input } = order;
  return {
    script,
    input: input === undefined ? undefined : (JSON.parse(input) as Record<string, unknown>),
  };
}

function works(world: CoreWorld) {
  return world.snapshot.runs.map((run) => run.works.map(({ dirspace }) => dirspace));
}

function dispatches(world: CoreWorld): number {
  return (world.last?.effects ?? []).filter(({ kind }) => kind === "dispatch").length;
}

test("one job lists the files, builds the configuration and reads the code, in this order", () => {
  const world = opened(`${TREE}${CONFIG}indexer: {enabled: true}\n`);
  expect(dispatches(world)).toBe(1);
  expect(pending(world)).toMatch(/^built_tree:[0-9a-f]{64}$/);
  expect(orderOf(world)).toEqual({ script: "./files", input: undefined });
  expect(world.last?.reasons).toContainEqual(
    expect.objectContaining({ code: "building", what: "tree_builder", number: 1 }),
  );
  answers(world, { tree: { files: [{ path: "gen/a/main.tf", changed: true }] } });
  expect(pending(world)).toMatch(/^built_config:/);
  expect(orderOf(world).script).toBe("./config");
  expect(dispatches(world)).toBe(0);
  answers(world, { config: "parallel_runs: 7\n" });
  expect(pending(world)).toBe("index");
  answers(world, { index: true });
  expect(works(world)).toEqual([["gen/a:default"]]);
  expect(world.snapshot.runs).toHaveLength(1);
  expect(world.snapshot.pullRequest.changeSet?.parallel).toBe(7);
});

test("a config builder gets what holds without it, with the directories that something is planned in", () => {
  const world = opened(`${CONFIG}dirs: {"live/*": {tags: [x]}, "none": {}}\nparallel_runs: 2\n`);
  const { input } = orderOf(world);
  expect(input).toMatchObject({
    version: "1",
    parallel_runs: 2,
    when_modified: { autoplan: true },
    config_builder: { enabled: true, script: "./config" },
    dirs: { "live/eu": { tags: ["x"] }, "live/us": { tags: ["x"] }, "gen/a": {}, none: {} },
  });
  expect(Object.keys(input?.["dirs"] ?? {})).not.toContain("live/*");
});

test("a builder that hands its input on changes nothing", () => {
  const text = `${CONFIG}hooks: {plan: {pre: [{type: run, cmd: [a]}]}}\ndirs: {"live/*": {tags: [x]}}\n`;
  const plain = opened(text.replace(CONFIG, ""));
  const world = opened(text);
  answers(world, { config: JSON.stringify(orderOf(world).input) });
  expect(works(world)).toEqual(works(plain));
  expect(world.state("live/eu:default").affected?.tags).toEqual(
    plain.state("live/eu:default").affected?.tags,
  );
  const filled = world.last?.writes.find((write) => write.kind === "fill_run");
  expect(filled?.kind === "fill_run" && filled.run.settings?.hooks.pre).toHaveLength(1);
});

test("what is built lies below the file of the repository", () => {
  const world = opened(`${CONFIG}parallel_runs: 2\n`);
  answers(world, { config: "parallel_runs: 9\ndirs: {live/eu: {tags: [built]}}\n" });
  expect(world.snapshot.pullRequest.changeSet?.parallel).toBe(2);
  const { affected } = world.state("live/eu:default");
  expect(affected?.tags).toContain("built");
  expect(affected?.rules?.dir).toEqual({
    path: 'dirs["live/eu"]',
    file: "built by config_builder",
    line: 2,
  });
});

test("`terrane repo-config` shows what was built, and says so while it is not", () => {
  const world = opened(CONFIG);
  const shown = () => {
    const [reason] = world.says("bob", "terrane repo-config");
    return reason?.code === "config_shown" ? reason.lines.join("\n") : reason?.code;
  };
  expect(shown()).toContain("Without what `config_builder` prints");
  answers(world, { config: "parallel_runs: 7\n" });
  expect(shown()).toContain("parallel_runs: 7 # built by config_builder:1");
  expect(shown()).not.toContain("Without what");
});

test("after the merge nothing is built again where the configuration is the one that was reviewed", () => {
  const world = opened(CONFIG);
  answers(world, { config: "parallel_runs: 7\n" });
  world.runnerPlans({ "live/eu:default": "changed" });
  const before = world.snapshot.runs.length;
  world.view = { ...world.view, state: "merged", mergeSha: sha(2), baseSha: sha(2) };
  world.changed();
  expect(world.snapshot.runs.slice(before).flatMap((run) => run.preparing ?? [])).toEqual([]);
  expect(world.last?.reasons.map(({ code }) => code)).not.toContain("building");
});

test("where the merge made another configuration of it, it is built once more and nothing is planned twice", () => {
  const world = opened(CONFIG);
  answers(world, { config: "parallel_runs: 7\n" });
  world.runnerPlans({ "live/eu:default": "changed" });
  world.view = { ...world.view, state: "merged", mergeSha: sha(2), baseSha: sha(2) };
  world.config = `${CONFIG}when_modified: {autoplan: false}\n`;
  world.builtConfig = undefined;
  world.changed();
  expect(pending(world)).toMatch(/^built_config:/);
  answers(world, { config: "parallel_runs: 3\n" });
  expect(world.snapshot.runs.map(({ outcome }) => outcome)).toEqual(["finished", "finished"]);
  const codes = world.says("bob", "terrane apply").map(({ code }) => code);
  expect(codes).not.toContain("building");
  expect(codes).not.toContain("not_built");
});

test("an apply is refused while something is built", () => {
  const world = opened(CONFIG);
  const codes = world.says("bob", "terrane apply").map(({ code }) => code);
  expect(codes).toContain("building");
  expect(world.snapshot.runs).toHaveLength(1);
});

/** Nobody may apply what no entry is for; a fallback for everything would let anybody. */
const POLICY = "access_control: {enabled: true, policies: [{tag_query: 'dir:live/us'}]}\n";
const LOOSER = `access_control: {policies: [{tag_query: '', apply: ['*'], plan: ['*']}]}
apply_requirements: {checks: [{tag_query: '', status_checks: {enabled: false}}]}
enabled: false
config_builder: {enabled: false}
`;

test("S16 what is built lets nobody do more, also where a pull request may change what guards it", () => {
  const world = opened(`${CONFIG}${POLICY}default_branch_overrides: []\n`);
  answers(world, { config: LOOSER });
  const codes = world.says("bob", "terrane plan").map(({ code }) => code);
  expect(codes).toContain("no_policy_matches");
});

test("S16 what is built lets nobody do more where a central file stands in for the repository's", () => {
  const world = new CoreWorld(FILES, ["live/eu/main.tf"], "");
  const text = `${CONFIG}${POLICY}`;
  world.centralFiles = [{ kind: "text", path: "config/infra/config.yml", text }];
  world.changed();
  answers(world, { config: LOOSER });
  const codes = world.says("bob", "terrane plan").map(({ code }) => code);
  expect(codes).toContain("no_policy_matches");
});

test("S16 what is built waives no check that an apply needs", () => {
  const world = new CoreWorld(FILES, ["live/eu/main.tf"], "");
  world.centralFiles = [{ kind: "text", path: "config/infra/config.yml", text: CONFIG }];
  world.changed();
  answers(world, { config: LOOSER });
  world.runnerPlans({ "live/eu:default": "changed" });
  world.checks = [{ name: "lint", state: "failed" }];
  const codes = world.says("bob", "terrane apply").map(({ code }) => code);
  expect(codes).toContain("checks_not_passed");
});

test("an error in what was built names the builder and the line, and the job ends", () => {
  const world = opened(CONFIG);
  const reasons = answers(world, { config: "parallel_runs: 2\nparalel_runs: 3\n" });
  expect(reasons).toContainEqual(
    expect.objectContaining({
      code: "config_invalid",
      diagnostics: [
        expect.objectContaining({ file: "built by config_builder", line: 2, code: "unknown_key" }),
      ],
    }),
  );
  expect(world.snapshot.runs.map(({ state }) => state)).toEqual(["ended"]);
});

test("the list of files replaces git's: what it says changes, is new or is gone", () => {
  const world = opened(TREE, ["live/eu/main.tf", "live/us/main.tf"]);
  answers(world, {
    tree: {
      files: [
        { path: "gen/b/main.tf", changed: true },
        { path: "live/eu/main.tf", changed: false },
        { path: "live/us/main.tf" },
        { path: "gen/c/main.tf" },
        { path: "gen/c/other.tf" },
      ],
      removed: ["gen/c/gone.tf"],
    },
  });
  expect(works(world)).toEqual([["gen/b:default", "gen/c:default", "live/us:default"]]);
});

/** Its phase once the base has got another version of a file. */
function afterBaseGot(path: string, tree: BuiltTree) {
  const world = opened(TREE);
  answers(world, { tree });
  world.runnerPlans({ "live/eu:default": "changed" });
  const moved = [{ kind: "modified", path }] as const;
  world.baseChanges.set(`${world.view.baseSha}..${sha(2)}`, moved);
  world.view = { ...world.view, baseSha: sha(2) };
  world.changed();
  return world.phases()["live/eu:default"];
}

test.each([
  ["of another dirspace", "live/us/main.tf", "planned"],
  ["of the dirspace", "live/eu/main.tf", "planning"],
  ["that the list may be made of", "catalogue/eu", "planning"],
])("S11 a list that says itself what changes, and a base that got a file %s", (_, path, phase) => {
  const files = [{ path: "live/eu/main.tf", changed: true }, { path: "live/us/main.tf" }];
  expect(afterBaseGot(path, { files })).toBe(phase);
});

test("S11 where a list leaves to git what changes, what it does not have feeds nothing", () => {
  expect(afterBaseGot("catalogue/eu", { files: FILES.map((path) => ({ path })) })).toBe("planned");
});

test("a second look at the same commit asks nobody", () => {
  const world = opened(`${TREE}${CONFIG}`);
  answers(world, { tree: { files: [{ path: "live/eu/main.tf", changed: true }] } });
  answers(world, { config: "" });
  const before = world.snapshot.runs.length;
  world.changed();
  expect(world.snapshot.runs).toHaveLength(before);
  expect(dispatches(world)).toBe(0);
});

test("another script, configuration beside it, or base branch is another question", () => {
  const asked = (config: string, baseRef = "main") => {
    const branches = "destination_branches: [main, release]\n";
    const world = new CoreWorld(FILES, ["live/eu/main.tf"], `${config}${branches}`);
    world.view = { ...world.view, baseRef };
    world.changed();
    return pending(world);
  };
  expect(asked(CONFIG)).toBe(asked(CONFIG));
  expect(asked(`${CONFIG}parallel_runs: 4\n`)).not.toBe(asked(CONFIG));
  expect(asked(CONFIG.replace("./config", "./other"))).not.toBe(asked(CONFIG));
  expect(asked(CONFIG, "release")).not.toBe(asked(CONFIG));
});

test("a job whose builder failed leaves a notice with its words, and `terrane plan` tries again", () => {
  const world = opened(CONFIG);
  world.claims("plan");
  const { id, attemptId } = world.activeRun("plan");
  const how = { kind: "finished", failure: "The script ended with exit code 3." } as const;
  world.happens({ kind: "run_ended", runId: id, attemptId, how });
  const { notice } = world.snapshot.pullRequest;
  expect(notice?.reasons).toMatchObject([
    { code: "not_built", what: "config_builder", message: expect.stringContaining("exit code 3") },
  ]);
  world.changed();
  expect(world.snapshot.runs).toHaveLength(1);
  const reasons = world.says("bob", "terrane plan");
  expect(reasons).toContainEqual(expect.objectContaining({ code: "building", number: 2 }));
});

test("a command that waits for two builders goes on after the second", () => {
  const world = opened(`${TREE}${CONFIG}when_modified: {autoplan: false}\n`);
  world.says("bob", "terrane plan dir:live/eu");
  answers(world, { tree: { files: [{ path: "live/eu/main.tf", changed: true }] } });
  expect(world.snapshot.pullRequest.notice).toMatchObject({
    outcome: "accepted",
    reasons: [{ code: "building", what: "config_builder" }],
  });
  answers(world, { config: "" });
  expect(works(world)).toEqual([["live/eu:default"]]);
  expect(world.activeRun("plan").actor?.login).toBe("bob");
});

test("S13 a push supersedes the job that builds, and the new head is built", () => {
  const world = opened(CONFIG);
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  expect(world.snapshot.runs.map(({ outcome }) => outcome)).toEqual(["superseded", undefined]);
  expect(world.activeRun("plan").headSha).toBe(sha(11));
});

test("a builder without a script builds nothing", () => {
  const world = opened(
    "config_builder: {enabled: true}\ntree_builder: {enabled: true, script: ' '}\n",
  );
  expect(works(world)).toEqual([["live/eu:default"]]);
});
