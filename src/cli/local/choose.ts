import type { Affected } from "../../core/change/affected.ts";
import { type DirspaceKey, dirspaceKey } from "../../core/change/dirspace.ts";
import { matches } from "../../core/query/match.ts";
import { parseQuery } from "../../core/query/parser.ts";
import { resolveDir } from "../../core/query/path.ts";
import { UsageError } from "../host.ts";
import type { LocalUnit } from "./local-runner.ts";

export interface Choice {
  /** As somebody typed them, from where they stand in the repository. */
  readonly dirs: readonly string[];
  readonly prefix: string;
  readonly query: string | undefined;
}

/** What of all this is worked on; a directory that was named and is none of these is an error. */
export function choose(all: readonly Affected[], choice: Choice): readonly Affected[] {
  const wanted = choice.dirs.map((dir) => directory(dir, choice.prefix));
  for (const [index, dir] of wanted.entries()) {
    if (all.some(({ dirspace }) => dirspace.dir === dir)) continue;
    throw new UsageError(
      `${choice.dirs[index]} is no directory that Terrane works on.`,
      `\`terrane affected --why ${dir}\` says why.`,
      2,
    );
  }
  const named =
    wanted.length === 0 ? all : all.filter(({ dirspace }) => wanted.includes(dirspace.dir));
  if (choice.query === undefined) return named;
  const parsed = parseQuery(choice.query);
  if (parsed.kind === "error") {
    throw new UsageError(`--query: ${parsed.message}.`, "See docs/reference/tag-queries.md.", 2);
  }
  return named.filter(({ dirspace, tags }) =>
    matches(parsed.query, { tags: new Set(tags), dir: dirspace.dir }),
  );
}

function directory(text: string, prefix: string): string {
  const from = prefix === "" ? "." : prefix.replace(/\/+$/, "");
  const resolved = text.startsWith("/") ? undefined : resolveDir(from, text.replace(/\/+$/, ""));
  if (resolved !== undefined) return resolved;
  throw new UsageError(`${text} is no directory of this repository.`, undefined, 2);
}

/** Each with those of the others that come before it, also through ones that were not chosen. */
export function ordered(
  chosen: readonly Affected[],
  all: readonly Affected[],
): readonly LocalUnit[] {
  const before = new Map(
    all.map((one) => [dirspaceKey(one.dirspace), one.predecessors.map(dirspaceKey)]),
  );
  const inWork = new Set(chosen.map(({ dirspace }) => dirspaceKey(dirspace)));
  return chosen.map((affected) => {
    const key = dirspaceKey(affected.dirspace);
    const after = nearest(before, inWork, key);
    return { key, affected, after, planDigest: undefined };
  });
}

function nearest(
  before: ReadonlyMap<DirspaceKey, readonly DirspaceKey[]>,
  inWork: ReadonlySet<DirspaceKey>,
  from: DirspaceKey,
): readonly DirspaceKey[] {
  const found = new Set<DirspaceKey>();
  const seen = new Set<DirspaceKey>([from]);
  const open = [...(before.get(from) ?? [])];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    if (inWork.has(key)) found.add(key);
    else open.push(...(before.get(key) ?? []));
  }
  return [...found].toSorted();
}
