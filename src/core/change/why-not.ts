import type { Affected } from "./affected.ts";
import { matchCode } from "./code-match.ts";
import { underAllNames } from "./code-paths.ts";
import { dirname } from "./directories.ts";
import { type Dirspace, dirspaceKey, parseWorkspace, ROOT_DIR } from "./dirspace.ts";
import { type ChangedPath, changedPaths, matchFiles } from "./match.ts";
import { similarPaths } from "./similar-paths.ts";
import type { Looked, Why, WhyReason } from "./why.ts";
import { keyReason, whyNoDirspace } from "./why-no-dirspace.ts";
import { excludedBy, nearMiss, whyUnmatched } from "./why-unmatched.ts";

/**
 * Why a directory, a dirspace (`dir:workspace`) or a file is affected, or is not. It answers one
 * question of a person, so it reads the whole tree where that is the simplest way.
 */
export function explainTarget(looked: Looked, target: string): Why {
  const { derived } = looked.prepared;
  if (!derived.config.enabled) return no([{ kind: "disabled" }]);
  const changed = changedPaths(looked.changes);
  const named = underAllNames(derived, changed);
  const paths = named.kind === "ok" ? named.paths : changed;
  const { files, dirs } = placesOf(looked, paths);
  const text = clean(target);
  const stopped = stoppedAt(looked, text);
  if (stopped !== undefined && (dirs.has(text) || files.has(text))) return stopped;
  if (dirs.has(text)) return ofDirectory(looked, paths, text, undefined);
  if (files.has(text)) return ofFile(looked, paths, text);
  const { dir, workspace } = split(text);
  if (workspace !== undefined && dirs.has(dir)) {
    return stopped ?? ofDirectory(looked, paths, dir, workspace);
  }
  return no([{ kind: "no_such_path", path: dir, similar: similarPaths(dir, [...dirs, ...files]) }]);
}

/** Where directories are not told apart nothing of the change is looked at; what is asked about comes first. */
function stoppedAt({ stoppedBy = [] }: Looked, target: string): Why | undefined {
  const [own, others] = [true, false].map((wanted) =>
    stoppedBy.filter((dirs) => dirs.some((dir) => isAt(target, dir)) === wanted),
  );
  const reasons = [...(own ?? []), ...(others ?? [])].map(
    (directories): WhyReason => ({ kind: "same_directory", directories, stops: true }),
  );
  return reasons.length === 0 ? undefined : no(reasons);
}

/** The directory, a workspace of it or a file in it. */
function isAt(target: string, dir: string): boolean {
  return target === dir || target.startsWith(`${dir}:`) || target.startsWith(`${dir}/`);
}

/** `./a/` is `a`. */
function clean(target: string): string {
  const text = target.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  return text === "" ? ROOT_DIR : text;
}

function split(text: string): { readonly dir: string; readonly workspace: string | undefined } {
  const colon = text.lastIndexOf(":");
  const workspace = text.slice(colon + 1);
  if (colon <= 0 || parseWorkspace(workspace).kind === "error") {
    return { dir: text, workspace: undefined };
  }
  return { dir: clean(text.slice(0, colon)), workspace };
}

interface Places {
  readonly files: ReadonlySet<string>;
  /** Those that hold something, also further down, before the change or after it. */
  readonly dirs: ReadonlySet<string>;
}

function placesOf({ prepared }: Looked, paths: readonly ChangedPath[]): Places {
  const files = new Set([...prepared.derived.tree.files, ...paths.map(({ path }) => path)]);
  const dirs = new Set<string>([ROOT_DIR]);
  for (const file of files) {
    for (let dir = dirname(file); !dirs.has(dir); dir = dirname(dir)) dirs.add(dir);
  }
  return { files, dirs };
}

function ofDirectory(
  looked: Looked,
  paths: readonly ChangedPath[],
  dir: string,
  workspace: string | undefined,
): Why {
  const { derived } = looked.prepared;
  const isMeant = ({ dirspace }: { readonly dirspace: Dirspace }): boolean =>
    dirspace.dir === dir && (workspace === undefined || dirspace.workspace === workspace);
  const affected = looked.affected.filter(isMeant);
  if (affected.length > 0) {
    return { affected: true, reasons: [...affected.flatMap(whyAffected), ...keyOf(looked, dir)] };
  }
  const positions = derived.dirspaces.flatMap((one, position) => (isMeant(one) ? [position] : []));
  if (positions.length === 0) return no(whyNoDirspace(looked, paths, dir, workspace));
  const reasons = positions.flatMap((position) => whyUnmatched(looked, paths, position));
  return no([...reasons, ...twinOf(looked, dir), ...keyOf(looked, dir)]);
}

function whyAffected({ dirspace, because, autoplan }: Affected): readonly WhyReason[] {
  const affected: WhyReason = { kind: "affected", dirspace, because };
  return autoplan ? [affected] : [affected, { kind: "not_autoplanned", dirspace }];
}

/** Which key counts is worth saying where another one could have been expected to. */
function keyOf({ prepared }: Looked, dir: string): readonly WhyReason[] {
  const reason = keyReason(prepared.derived, dir);
  return reason !== undefined && reason.insteadOf.length > 0 ? [reason] : [];
}

function twinOf({ prepared }: Looked, dir: string): readonly WhyReason[] {
  const directories = prepared.derived.twins.get(dir);
  if (directories === undefined) return [];
  return [{ kind: "same_directory", directories, stops: false }];
}

function ofFile(looked: Looked, paths: readonly ChangedPath[], path: string): Why {
  const { derived } = looked.prepared;
  const changed = paths.find((one) => one.path === path);
  const positions = positionsOf(looked, changed ?? { path, gone: false });
  const dirspaces = positions.flatMap((position) => derived.dirspaces[position]?.dirspace ?? []);
  const isChanged: readonly WhyReason[] =
    changed === undefined ? [{ kind: "file_unchanged", path }] : [];
  if (dirspaces.length === 0) {
    return no([...isChanged, { kind: "file_unmatched", path }, ...aroundFile(looked, paths, path)]);
  }
  const keys = new Set(dirspaces.map(dirspaceKey));
  const affected = looked.affected.filter(({ dirspace }) => keys.has(dirspaceKey(dirspace)));
  const belongs: WhyReason = { kind: "file_of", path, dirspaces };
  if (changed === undefined) return no([...isChanged, belongs]);
  if (affected.length > 0) {
    return { affected: true, reasons: [belongs, ...affected.flatMap(whyAffected)] };
  }
  return no([belongs, ...positions.flatMap((position) => whyUnmatched(looked, paths, position))]);
}

/** Whose patterns match the file, or whose code uses it. */
function positionsOf({ prepared }: Looked, path: ChangedPath): readonly number[] {
  const { derived } = prepared;
  const named = underAllNames(derived, [path]);
  if (named.kind === "error") return [];
  const positions = [
    ...matchFiles(derived, named.paths).keys(),
    ...matchCode(derived, named.contents).keys(),
  ];
  return [...new Set(positions)].sort((a, b) => a - b);
}

/** What a file that belongs to no dirspace comes closest to. */
function aroundFile(
  looked: Looked,
  paths: readonly ChangedPath[],
  path: string,
): readonly WhyReason[] {
  const { derived } = looked.prepared;
  const excluded = derived.dirspaces.flatMap((one) => excludedBy(one, path) ?? []);
  if (excluded.length > 0) return excluded;
  const dir = dirname(path);
  const owners = derived.dirspaces.filter(({ dirspace }) => dirspace.dir === dir);
  if (owners.length === 0) return whyNoDirspace(looked, paths, dir, undefined);
  return owners.map(({ dirspace }) => nearMiss(dirspace, path));
}

function no(reasons: readonly WhyReason[]): Why {
  return { affected: false, reasons };
}
