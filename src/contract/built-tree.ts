import * as z from "zod/mini";

/** What a tree builder prints: the files of a commit, whether git has them or not. */
const path = z.string().check(z.minLength(1), z.maxLength(4096), z.regex(/^[^\0]*$/));

export const TREE_FILES_MAX = 300_000;

/** As printed; what is null counts as not said. */
export const PrintedTree = z
  .array(
    z.object({
      path,
      /** Two commits have the same content where they have the same id. */
      id: z.nullish(z.string().check(z.maxLength(1_000))),
      changed: z.nullish(z.boolean()),
    }),
  )
  .check(z.maxLength(TREE_FILES_MAX));
export type PrintedTree = z.infer<typeof PrintedTree>;

/** As it travels: what changed is known, or left to git. */
export const BuiltTree = z.object({
  files: z
    .array(z.object({ path, changed: z.optional(z.boolean()) }))
    .check(z.maxLength(TREE_FILES_MAX)),
  /** What only the base has; absent where the base was not looked at. */
  removed: z.optional(z.array(path).check(z.maxLength(TREE_FILES_MAX))),
});
export type BuiltTree = z.infer<typeof BuiltTree>;

/** Ids say nothing by themselves: somebody has to look at the base as well. */
export function needsBase(tree: PrintedTree): boolean {
  return tree.some(({ id, changed }) => typeof id === "string" && typeof changed !== "boolean");
}

/** What a script says itself counts; else another id than in the base, or a path that the base has not, is a change. */
export function resolveTree(head: PrintedTree, base: PrintedTree | undefined): BuiltTree {
  const before = new Map((base ?? []).map((file) => [file.path, file.id ?? undefined]));
  const files = new Map<string, BuiltTree["files"][number]>();
  for (const { path: name, id, changed: said } of head) {
    const changed = said ?? (base === undefined ? undefined : differs(before, name, id));
    files.set(name, { path: name, ...(changed === undefined ? {} : { changed }) });
  }
  if (base === undefined) return { files: [...files.values()] };
  return {
    files: [...files.values()],
    removed: [...before.keys()].filter((one) => !files.has(one)),
  };
}

function differs(
  before: ReadonlyMap<string, string | undefined>,
  name: string,
  id: string | null | undefined,
): boolean | undefined {
  if (!before.has(name)) return true;
  const old = before.get(name);
  return old === undefined || typeof id !== "string" ? undefined : old !== id;
}

/**
 * A path relative to the root of the repository, however a script wrote it: below one of `roots`, with `./`, or with a
 * slash that stands for the root. Undefined where it leads out of the repository.
 */
export function treePath(written: string, roots: readonly string[]): string | undefined {
  const root = roots.map(withSlash).find((one) => one !== "/" && written.startsWith(one));
  const inside = root === undefined ? written : written.slice(root.length);
  const parts = inside.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") ? undefined : parts.join("/");
}

function withSlash(root: string): string {
  return root.endsWith("/") ? root : `${root}/`;
}
