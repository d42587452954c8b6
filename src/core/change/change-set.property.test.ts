import fc from "fast-check";
import { expect, test } from "vitest";
import { dirsOf, modified, ok, run } from "../../../test/support/change.ts";
import { dirname } from "./directories.ts";
import { globMatches, isGlob, parseGlob } from "./glob.ts";

const path = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "c", "env", "é", "x [1]"), { maxLength: 3 }),
    fc.constantFrom("main.tf", "x.auto.tf", "default.tfvars", "data.json", "README.md"),
  )
  .map(([dirs, name]) => [...dirs, name].join("/"));
const tree = fc.uniqueArray(path, { minLength: 1, maxLength: 15 });
const pattern = fc.constantFrom(
  "**/*.tf",
  "*.json",
  "!*.auto.tf",
  "!**/c/**",
  "a/*.tf",
  "a/**",
  "${DIR}/*.tf",
  "${DIR}/**/*.{tf,json}",
  "${DIR}/../b/*.tf",
  "${DIR}/./${WORKSPACE}.tfvars",
  "b/${DIR}/*.json",
  "!${DIR}/x.*",
);
const patterns = fc.option(fc.array(pattern, { maxLength: 3 }), { nil: undefined });
const key = fc.constantFrom(".", "a", "a/b", "b/main.tf", "*", "a/*", "**/b", "**/*.json", "a/**");
const dirs = fc.uniqueArray(fc.tuple(key, patterns), { selector: ([name]) => name, maxLength: 4 });
const whole = fc.record({ files: tree, global: patterns, dirs });

interface Whole {
  readonly files: readonly string[];
  readonly global: readonly string[] | undefined;
  readonly dirs: readonly (readonly [string, readonly string[] | undefined])[];
}

function yamlOf({ global, dirs: entries }: Whole): string {
  const whenModified = (list: readonly string[] | undefined) => ({ file_patterns: list ?? null });
  return JSON.stringify({
    when_modified: whenModified(global),
    dirs: Object.fromEntries(
      entries.map(([name, list]) => [name, { when_modified: whenModified(list) }]),
    ),
  });
}

/** The rules of the language, one directory, one pattern and one file after the other. */
function naive(all: Whole, changed: readonly string[]): string[] {
  return [...new Set(all.files.map(dirname))].filter((dir) => {
    const own = all.files.filter((file) => dirname(file) === dir);
    const global = (all.global ?? ["**/*.tf", "**/*.tfvars"]).map(rewritten);
    const entry = entryFor(all, dir, own);
    const list = entry?.[1] ?? global;
    if (list.length === 0) return false;
    if (entry === undefined && !isCandidate(global, dir, own)) return false;
    const matched = (file: string) => matchesList(list, dir, file);
    if (entry !== undefined && isGlob(entry[0]) && !all.files.some(matched)) return false;
    return changed.some(matched);
  });
}

function entryFor({ dirs: entries, files }: Whole, dir: string, own: readonly string[]) {
  const explicit = entries.find(([name]) => name === dir);
  const byFile = entries.find(([name]) => files.includes(name) && dirname(name) === dir);
  if (explicit !== undefined || byFile !== undefined) return explicit ?? byFile;
  return [...entries]
    .filter(([name]) => isGlob(name))
    .sort(([a], [b]) => b.length - a.length)
    .find(([name]) =>
      [...own, ...(dir === "." ? [] : [dir])].some((one) => matchesGlob(name, one)),
    );
}

function isCandidate(global: readonly string[], dir: string, own: readonly string[]): boolean {
  const positive = global.filter((one) => !one.startsWith("!"));
  if (positive.length === 0) return false;
  if (positive.some((one) => !one.startsWith("${DIR}/"))) return true;
  return own.some((file) => matchesList(global, dir, file));
}

function rewritten(one: string): string {
  return one
    .replace(/^(!?)\*\*\/([^/]*)$/, "$1${DIR}/$2")
    .replace(/^(!?)(\*[^/]*)$/, "$1${DIR}/$2");
}

function matchesList(list: readonly string[], dir: string, file: string): boolean {
  const hits = list.filter((one) => matchesGlob(substituted(one, dir), file));
  return hits.length > 0 && hits.every((one) => !one.startsWith("!"));
}

function substituted(one: string, dir: string): string {
  const segments: string[] = [];
  const text = one
    .replace(/^!/, "")
    .replaceAll("${DIR}", dir.replaceAll(/[[\]]/g, "\\$&"))
    .replaceAll("${WORKSPACE}", "default");
  for (const segment of text.split("/")) {
    if (segment === ".." && segments.length === 0) return "matches/nothing";
    if (segment === "..") segments.pop();
    else if (segment !== ".") segments.push(segment);
  }
  return segments.join("/");
}

function matchesGlob(glob: string, one: string): boolean {
  const parsed = parseGlob(glob);
  return parsed.kind === "ok" && globMatches(parsed.glob, one);
}

test("matching equals the rules applied one after the other", () => {
  fc.assert(
    fc.property(whole, fc.uniqueArray(path, { maxLength: 4 }), (all, changed) => {
      const set = run(yamlOf(all), all.files, modified(changed));
      expect(dirsOf(set)).toEqual(naive(all, changed).sort());
    }),
    { numRuns: 300 },
  );
});

test("one more changed file never takes a dirspace away", () => {
  fc.assert(
    fc.property(whole, fc.uniqueArray(path, { maxLength: 3 }), path, (all, changed, more) => {
      const yaml = yamlOf(all);
      const before = dirsOf(run(yaml, all.files, modified(changed)));
      const after = dirsOf(run(yaml, all.files, modified([...changed, more])));
      expect(after).toEqual(expect.arrayContaining(before));
    }),
  );
});

test("a move touches what its two names touch", () => {
  fc.assert(
    fc.property(whole, path, path, (all, from, to) => {
      const yaml = yamlOf(all);
      const files = all.files.filter((file) => file !== from);
      const moved = dirsOf(run(yaml, files, [{ kind: "renamed", from, to }]));
      const apart = run(yaml, files, [{ kind: "deleted", path: from }, ...modified([to])]);
      expect(moved).toEqual(dirsOf(apart));
    }),
  );
});

test("a deletion touches what a change of the same file would, as long as a file is left", () => {
  fc.assert(
    fc.property(whole, path, (all, path) => {
      const files = all.files.filter((file) => file !== path);
      const yaml = yamlOf(all);
      const deleted = dirsOf(run(yaml, files, [{ kind: "deleted", path }]));
      const left = naive({ ...all, files }, [path]).filter((dir) =>
        files.some((file) => naive({ ...all, files }, [file]).includes(dir)),
      );
      expect(deleted).toEqual(left.sort());
    }),
    { numRuns: 200 },
  );
});

test("the order of files and changes does not matter", () => {
  fc.assert(
    fc.property(whole, fc.uniqueArray(path, { maxLength: 4 }), (all, changed) => {
      const yaml = yamlOf(all);
      const reversed = run(yaml, [...all.files].reverse(), modified([...changed].reverse()));
      expect(reversed).toEqual(run(yaml, all.files, modified(changed)));
    }),
  );
});

/** A graph without cycles: each node depends on some before it, or on none. */
const graph = fc.array(
  fc.record({
    on: fc.array(fc.nat(9), { maxLength: 3 }),
    prune: fc.boolean(),
    changed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 10 },
);

test("waves and predecessors equal what the graph says, node by node", () => {
  fc.assert(
    fc.property(graph, (nodes) => {
      const on = nodes.map((node, at) => [...new Set(node.on)].filter((to) => to < at));
      const entries = nodes.map(({ prune }, at) => [
        `d${at}`,
        {
          when_modified: {
            depends_on: {
              // No node is called `none`.
              tag_query: ["none", ...(on[at] ?? []).map((to) => `d${to}`)]
                .map((name) => `dir:${name}`)
                .join(" or "),
              prune_on_no_change: prune,
            },
          },
        },
      ]);
      const files = nodes.map((_, at) => `d${at}/main.tf`);
      const changed = files.filter((_, at) => nodes[at]?.changed);
      const set = ok(
        run(JSON.stringify({ dirs: Object.fromEntries(entries) }), files, modified(changed)),
      );

      const member: boolean[] = [];
      const kept: boolean[] = [];
      const before: Set<number>[] = [];
      const wave: number[] = [];
      for (const [at, node] of nodes.entries()) {
        const members = (on[at] ?? []).filter((to) => member[to]);
        member[at] = node.changed || members.length > 0;
        kept[at] = node.changed || (member[at] && !node.prune);
        before[at] = new Set(members.flatMap((to) => (kept[to] ? [to] : [...(before[to] ?? [])])));
        wave[at] = Math.max(-1, ...[...before[at]].map((to) => wave[to] ?? 0)) + 1;
      }
      const expected = nodes
        .flatMap((_, at) => (kept[at] ? [at] : []))
        .sort((a, b) => (wave[a] ?? 0) - (wave[b] ?? 0) || a - b)
        .map((at) => ({
          dir: `d${at}`,
          wave: wave[at],
          predecessors: [...(before[at] ?? [])].sort((a, b) => a - b).map((to) => `d${to}`),
        }));
      expect(
        set.map(({ dirspace, wave: at, predecessors }) => ({
          dir: dirspace.dir,
          wave: at,
          predecessors: predecessors.map(({ dir }) => dir),
        })),
      ).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("any graph gives an order or a cycle that is one", () => {
  const edges = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const on = (from: number) => pairs.filter(([a]) => a === from).map(([, b]) => b);
      const names = Array.from({ length: 7 }, (_, at) => at);
      const entries = names.map((at) => [
        `d${at}`,
        {
          when_modified: {
            depends_on: on(at)
              .map((to) => `dir:d${to}`)
              .join(" or "),
          },
        },
      ]);
      const files = names.map((at) => `d${at}/main.tf`);
      const set = run(
        JSON.stringify({ dirs: Object.fromEntries(entries) }),
        files,
        modified(files),
      );
      if (set.kind === "ok") {
        const waves = new Map(
          set.dirspaces.map((one): [string, number] => [one.dirspace.dir, one.wave]),
        );
        for (const [a, b] of pairs) {
          if (a !== b) expect(waves.get(`d${a}`)).toBeGreaterThan(waves.get(`d${b}`) ?? 99);
        }
        return;
      }
      const [found] = set.diagnostics;
      const cycle = found?.code === "depends_on_cycle" ? found.cycle.map(({ dir }) => dir) : [];
      expect(cycle.length).toBeGreaterThan(2);
      expect(cycle.at(-1)).toBe(cycle[0]);
      for (const [index, from] of cycle.slice(0, -1).entries()) {
        expect(on(Number(from.slice(1))).map((to) => `d${to}`)).toContain(cycle[index + 1]);
      }
    }),
    { numRuns: 200 },
  );
});

test("everything that the change set says is plain data", () => {
  const set = run(
    "dirs: {b: {when_modified: {depends_on: 'dir:a'}}}",
    ["a/m.tf", "b/m.tf"],
    modified(["a/m.tf"]),
  );
  expect(JSON.parse(JSON.stringify(set))).toEqual(set);
});
