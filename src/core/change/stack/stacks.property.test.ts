import fc from "fast-check";
import { expect, test } from "vitest";
import { dirsOf } from "../../../../test/support/change.ts";
import { runStacks, type WrittenStacks } from "../../../../test/support/stacks.ts";
import type { ChangeSet } from "../affected.ts";

const DIRS = ["d0", "d1", "d2", "d3", "d4", "d5", "d6"];
const LEAVES = ["s0", "s1", "s2", "s3"];
const NESTED = ["n0", "n1"];
const NAMES = [...LEAVES, ...NESTED];

const names = fc.uniqueArray(fc.constantFrom(...NAMES, "default"), { maxLength: 2 });
const rules = fc.record(
  { plan_after: names, apply_after: names, modified_by: names },
  { requiredKeys: [] },
);
/** What both kinds have; an odd one names whatever it wants, which mostly is a cycle. */
const common = fc.record({
  rules,
  odd: fc.nat(60),
  variables: fc.dictionary(fc.constantFrom("u", "v"), fc.constantFrom("1", "2")),
  auto: fc.record({ auto_apply: fc.boolean() }, { requiredKeys: [] }),
});
const held = fc.uniqueArray(fc.constantFrom(...LEAVES), { minLength: 1, maxLength: 2 });

const world = fc.record({
  leaves: fc.tuple(...LEAVES.map(() => common)),
  nested: fc.tuple(...NESTED.map(() => fc.tuple(held, fc.boolean(), common))),
  dirs: fc.tuple(
    ...DIRS.map((_, at) =>
      fc.record({
        stack: fc.constantFrom(...LEAVES, undefined),
        on: fc
          .uniqueArray(fc.nat(at), { maxLength: 2 })
          .map((list) => list.filter((to) => to < at)),
        odd: fc.nat(30),
        prune: fc.boolean(),
        changed: fc.boolean(),
      }),
    ),
  ),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function written({ leaves, nested }: World): WrittenStacks {
  // The second nested stack may hold the first one.
  const holds = nested.map(([list, both], at) => (at === 1 && both ? [...list, "n0"] : list));
  const ranks = (name: string): number[] =>
    holds[NESTED.indexOf(name)]?.flatMap(ranks) ?? [LEAVES.indexOf(name)];
  const entry = (name: string, { rules: given, odd, variables, auto }: World["leaves"][number]) => {
    const isBefore = (one: string) => Math.max(...ranks(one)) < Math.min(...ranks(name));
    const lists = Object.entries(given).map(([rule, list]) => [
      rule,
      odd === 0 ? list : list?.filter(isBefore),
    ]);
    return { variables, rules: { ...Object.fromEntries(lists), ...auto } };
  };
  return {
    ...Object.fromEntries(
      leaves.map((one, at) => {
        const name = LEAVES[at] ?? "";
        return [name, { tag_query: `tag_${name}`, ...entry(name, one) }];
      }),
    ),
    ...Object.fromEntries(
      nested.map(([, , one], at) => {
        const name = NESTED[at] ?? "";
        return [name, { stacks: holds[at] ?? [], ...entry(name, one) }];
      }),
    ),
  };
}

function dependsOn({ dirs }: World, at: number): readonly number[] {
  const dir = dirs[at];
  // Now and then backwards, which can be a cycle.
  return [...(dir?.on ?? []), ...(dir?.odd === 0 && at < 6 ? [at + 1] : [])];
}

function yamlOf(one: World): string {
  const entries = one.dirs.map(({ stack, prune }, at) => [
    DIRS[at],
    {
      tags: stack === undefined ? [] : [`tag_${stack}`],
      when_modified: {
        depends_on: {
          // No directory is called `none`.
          tag_query: ["none", ...dependsOn(one, at).map((to) => DIRS[to])]
            .map((name) => `dir:${name}`)
            .join(" or "),
          prune_on_no_change: prune,
        },
      },
    },
  ]);
  return `dirs: ${JSON.stringify(Object.fromEntries(entries))}`;
}

const FILES = DIRS.map((dir) => `${dir}/main.tf`);
const changedOf = ({ dirs }: World) => FILES.filter((_, at) => dirs[at]?.changed);
const evaluate = (one: World, changed = changedOf(one)): ChangeSet =>
  runStacks(written(one), FILES, changed, yamlOf(one));

type Relation = (a: string, b: string) => boolean;

/** What the rules say, leaf by leaf: nothing is shared and nothing is fast. */
function naiveStacks(stacks: WrittenStacks) {
  const leaves = [...LEAVES, "default"];
  const expand = (name: string): string[] => stacks[name]?.stacks?.flatMap(expand) ?? [name];
  const defining = (leaf: string) =>
    [leaf, ...NESTED].filter((name) => expand(name).includes(leaf));
  const closed = (listOf: (name: string) => readonly string[]): Relation => {
    const direct = new Map(
      leaves.map((leaf) => [leaf, new Set(defining(leaf).flatMap(listOf).flatMap(expand))]),
    );
    for (let round = 0; round < leaves.length; round += 1) {
      for (const set of direct.values()) {
        for (const one of set) for (const more of direct.get(one) ?? []) set.add(more);
      }
    }
    return (a, b) => direct.get(a)?.has(b) ?? false;
  };
  const of = (name: string) => stacks[name]?.rules ?? {};
  const planAfter = (name: string) => of(name).plan_after ?? of(name).modified_by ?? [];
  const applyAfter = (name: string) => of(name).apply_after ?? [];
  const order = closed((name) => [...planAfter(name), ...applyAfter(name)]);
  return {
    leaves,
    defining,
    isCycle: leaves.some((leaf) => order(leaf, leaf)),
    planAfter: closed(planAfter),
    applyAfter: closed(applyAfter),
    modifiedBy: closed((name) => of(name).modified_by ?? []),
  };
}

function naive(one: World) {
  const stacks = naiveStacks(written(one));
  if (stacks.isCycle) return "stack_cycle";
  const all = DIRS.map((_, at) => at);
  const stackOf = (at: number) => one.dirs[at]?.stack ?? "default";
  const waits = (a: number, b: number): boolean =>
    dependsOn(one, a).includes(b) || stacks.planAfter(stackOf(a), stackOf(b));
  if (all.some((at) => reaches(at, at, all, waits))) return "depends_on_cycle";

  const members = new Set(all.filter((at) => one.dirs[at]?.changed));
  for (const _ of all) {
    for (const at of all) {
      const taken = [...members].some(
        (by) => dependsOn(one, at).includes(by) || stacks.modifiedBy(stackOf(at), stackOf(by)),
      );
      if (taken) members.add(at);
    }
  }
  const kept = (at: number): boolean =>
    members.has(at) && !(one.dirs[at]?.prune && !one.dirs[at]?.changed);
  const inOrder = (a: number, b: number) => reaches(a, b, [...members], waits);
  const wave = (at: number): number =>
    Math.max(-1, ...all.filter((to) => kept(to) && inOrder(at, to)).map(wave)) + 1;
  return all.filter(kept).map((at) => ({
    dir: DIRS[at],
    wave: wave(at),
    after: all.filter((to) => kept(to) && inOrder(at, to)).map((to) => DIRS[to]),
  }));
}

/** Whether some steps through these lead from a to b. */
function reaches(
  a: number,
  b: number,
  through: readonly number[],
  step: (a: number, b: number) => boolean,
): boolean {
  const found = new Set(through.filter((to) => step(a, to)));
  for (const one of found) for (const to of through) if (step(one, to)) found.add(to);
  return found.has(b);
}

/** The same shape from the product: predecessors, and theirs, and so on. */
function simplified(set: ChangeSet) {
  if (set.kind === "error") return set.diagnostics[0]?.code;
  const before = new Map(
    set.dirspaces.map((one) => [
      one.dirspace.dir as string,
      one.predecessors.map(({ dir }): string => dir),
    ]),
  );
  const after = (dir: string): string[] =>
    [...new Set((before.get(dir) ?? []).flatMap((one) => [one, ...after(one)]))].sort();
  return set.dirspaces
    .map(({ dirspace, wave }) => ({
      dir: dirspace.dir as string,
      wave,
      after: after(dirspace.dir),
    }))
    .sort((a, b) => (a.dir < b.dir ? -1 : 1));
}

test("who is in a change, in which wave and after whom equals the rules, stack by stack", () => {
  fc.assert(
    fc.property(world, (one) => {
      expect(simplified(evaluate(one))).toEqual(naive(one));
    }),
    { numRuns: 300 },
  );
});

test("what a stack means with everything inherited equals the rules, stack by stack", () => {
  fc.assert(
    fc.property(world, (one) => {
      const set = evaluate(one, FILES);
      if (set.kind === "error") return;
      const stacks = written(one);
      const model = naiveStacks(stacks);
      for (const { stack, tags } of set.dirspaces) {
        expect(stack.applyAfter).toEqual(
          model.leaves.filter((leaf) => model.applyAfter(stack.name, leaf)).sort(),
        );
        const holders = model.defining(stack.name);
        expect(tags.filter((tag) => tag.startsWith("stack_name:"))).toEqual(
          holders.map((name) => `stack_name:${name}`).sort(),
        );
        const given = holders.flatMap((name) => Object.keys(stacks[name]?.variables ?? {}));
        expect(Object.keys(stack.variables).sort()).toEqual([...new Set(given)].sort());
        expect(stack.variables).toMatchObject(stacks[stack.name]?.variables ?? {});
        const flags = holders.flatMap((name) => stacks[name]?.rules?.auto_apply ?? []);
        if (flags.length === 0) expect(stack.autoApply).toBeUndefined();
        else expect(flags).toContain(stack.autoApply);
      }
    }),
    { numRuns: 150 },
  );
});

test("one more changed file never takes a dirspace away", () => {
  fc.assert(
    fc.property(world, fc.constantFrom(...FILES), (one, more) => {
      const before = evaluate(one);
      if (before.kind === "error") return;
      const after = evaluate(one, [...new Set([...changedOf(one), more])]);
      expect(dirsOf(after)).toEqual(expect.arrayContaining(dirsOf(before)));
    }),
  );
});

test("every dirspace is in a later wave than those that it waits for", () => {
  fc.assert(
    fc.property(world, (one) => {
      const set = evaluate(one);
      if (set.kind === "error") return;
      const waves = new Map(set.dirspaces.map(({ dirspace, wave }) => [dirspace.dir, wave]));
      for (const { wave, predecessors } of set.dirspaces) {
        const before = predecessors.map(({ dir }) => waves.get(dir) ?? Number.NaN);
        expect(wave).toBe(Math.max(-1, ...before) + 1);
      }
    }),
  );
});

test("neither the order of the stacks nor that of the files matters", () => {
  fc.assert(
    fc.property(world, (one) => {
      const reversed = Object.fromEntries(Object.entries(written(one)).reverse());
      const there = evaluate(one);
      const back = runStacks(
        reversed,
        [...FILES].reverse(),
        [...changedOf(one)].reverse(),
        yamlOf(one),
      );
      expect(back.kind).toBe(there.kind);
      if (there.kind === "error" || back.kind === "error") return;
      const shape = (set: typeof there) =>
        set.dirspaces.map(({ dirspace, tags, wave, predecessors, stack }) => ({
          dirspace,
          tags,
          wave,
          predecessors,
          name: stack.name,
          applyAfter: stack.applyAfter,
        }));
      expect(shape(back)).toEqual(shape(there));
    }),
  );
});

test("what a change set with stacks says is plain data", () => {
  fc.assert(
    fc.property(world, (one) => {
      const set = evaluate(one);
      expect(JSON.parse(JSON.stringify(set))).toEqual(set);
    }),
    { numRuns: 50 },
  );
});
