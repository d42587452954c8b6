import fc from "fast-check";
import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";

const LOGINS = ["ann", "bob", "cyd"] as const;
const DIRS = ["a", "b", "c"] as const;
const TEAMS = ["ops", "dba"] as const;
const TERMS = ["*", "user:ann", "user:BOB", "team:ops", "team:dba", "role:maintain"] as const;
const GUARDED = [".terrane/config.yml", "ci/run.yml", "docs/x.md"] as const;

const list = fc.uniqueArray(fc.constantFrom(...TERMS), { maxLength: 2 });
const policy = fc.record({
  dir: fc.constantFrom(...DIRS, "" as const),
  plan: list,
  apply: list,
  apply_force: list,
  apply_with_superapproval: list,
  superapproval: list,
});
const scene = fc.record({
  policies: fc.array(policy, { maxLength: 3 }),
  guards: fc.record({ config: list, ci: list, file: list }),
  all: fc.boolean(),
  changed: fc.subarray([...DIRS], { minLength: 1 }),
  guarded: fc.subarray([...GUARDED]),
  renames: fc.boolean(),
  teams: fc.subarray(TEAMS.flatMap((team) => LOGINS.map((login) => `${team}:${login}`))),
  maintainers: fc.subarray([...LOGINS]),
  approvals: fc.subarray([...LOGINS]),
  who: fc.constantFrom(...LOGINS),
  operation: fc.constantFrom("apply", "apply-force"),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** The rules once more, as simply as they can be said. */
function isMember({ teams, maintainers }: Scene, login: string, terms: readonly string[]): boolean {
  return terms.some(
    (term) =>
      term === "*" ||
      term.toLowerCase() === `user:${login}` ||
      (term.startsWith("team:") && teams.includes(`${term.slice(5)}:${login}`)) ||
      (term === "role:maintain" && maintainers.some((one) => one === login)),
  );
}

function mayApply(one: Scene, dir: string): boolean {
  const found = one.policies.find((rule) => rule.dir === "" || rule.dir === dir);
  if (found === undefined) return false;
  if (one.operation === "apply-force") return isMember(one, one.who, found.apply_force);
  const superapproved = one.approvals.some(
    (login) => login !== "ann" && isMember(one, login, found.superapproval),
  );
  return (
    isMember(one, one.who, found.apply) ||
    (superapproved && isMember(one, one.who, found.apply_with_superapproval))
  );
}

function isGuarded(one: Scene): boolean {
  const lists: Readonly<Record<string, readonly string[]>> = {
    ".terrane/config.yml": one.guards.config,
    "ci/run.yml": one.guards.ci,
    "docs/x.md": one.guards.file,
  };
  return one.guarded.some((path) => !isMember(one, one.who, lists[path] ?? []));
}

function expected(one: Scene): readonly string[] {
  if (isGuarded(one)) return [];
  const passing = one.changed.filter((dir) => mayApply(one, dir));
  return one.all && passing.length < one.changed.length ? [] : passing;
}

function configOf(one: Scene): string {
  return JSON.stringify({
    access_control: {
      enabled: true,
      apply_require_all_dirspace_access: one.all,
      terrateam_config_update: one.guards.config,
      ci_config_update: one.guards.ci,
      files: { "docs/x.md": one.guards.file },
      policies: one.policies.map(({ dir, ...lists }) => ({
        tag_query: dir === "" ? "" : `dir:${dir}`,
        ...lists,
      })),
    },
    apply_requirements: { checks: [{ tag_query: "", status_checks: { enabled: false } }] },
  });
}

/** Everything planned while no rules were in force, then the rules, then the command. */
function played(one: Scene): readonly string[] {
  const files = [...DIRS.map((dir) => `${dir}/main.tf`), ...GUARDED];
  const world = new CoreWorld(
    files,
    one.changed.map((dir) => `${dir}/main.tf`),
  );
  world.changed();
  world.runnerPlans({});
  world.config = configOf(one);
  const touch = (path: string) =>
    one.renames
      ? ({ kind: "renamed", from: path, to: `${path}.old` } as const)
      : ({ kind: "modified", path } as const);
  world.changes = [...world.changes, ...one.guarded.map(touch)];
  for (const member of one.teams) world.teams.add(member);
  for (const login of one.maintainers) world.permissions.set(login, "maintain");
  for (const login of one.approvals) world.approve(login);
  world.says(one.who, `terrane ${one.operation}`);
  const run = world.snapshot.runs.find((each) => each.kind === "apply");
  return (run?.works ?? []).map((work) => work.dirspace.replace(":default", ""));
}

test("an apply begins exactly where no rule denies it", () => {
  fc.assert(
    fc.property(scene, (one) => {
      expect(played(one)).toEqual(expected(one));
    }),
    { numRuns: 120 },
  );
});

test("a team that nobody can look up never lets an apply begin by itself", () => {
  fc.assert(
    fc.property(scene, (one) => {
      const without = { ...one, teams: [] };
      const world = new CoreWorld(["a/main.tf"], ["a/main.tf"]);
      world.changed();
      world.runnerPlans({});
      world.config = configOf({ ...one, changed: ["a"], guarded: [] });
      for (const team of TEAMS) world.hiddenTeams.add(team);
      for (const member of one.teams) world.teams.add(member);
      for (const login of one.maintainers) world.permissions.set(login, "maintain");
      for (const login of one.approvals) world.approve(login);
      world.says(one.who, `terrane ${one.operation}`);
      const began = world.snapshot.runs.some((run) => run.kind === "apply");
      expect(began).toBe(expected({ ...without, changed: ["a"], guarded: [] }).length > 0);
    }),
    { numRuns: 60 },
  );
});
