import { type PrintedTree, resolveTree, treePath } from "../../contract/built-tree.ts";
import { BUILT_CONFIG_CHARS_MAX } from "../../contract/work.ts";
import type { BuilderAnswer } from "../../engine/runner-door.ts";
import { storable, storedTree } from "../stored-tree.ts";
import type { BuildConfigResult, BuildTreeResult } from "./bodies.ts";

export type BuiltRead =
  | { readonly kind: "built"; readonly answer: BuilderAnswer; readonly withId: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };

/** What a config builder printed, as the runner read it: written so that an error can name a line. */
export function builtConfig({ config }: BuildConfigResult): BuiltRead {
  const text = typeof config === "string" ? config : JSON.stringify(config ?? {}, undefined, 2);
  if (text.length > BUILT_CONFIG_CHARS_MAX) {
    const message = `The script of config_builder printed ${text.length} characters; there may be ${BUILT_CONFIG_CHARS_MAX}.`;
    return { kind: "failed", message };
  }
  return {
    kind: "built",
    answer: { kind: "built_config", text: storable(text) },
    withId: [],
  };
}

/**
 * What a tree builder printed. Existing runners leave the slash of the root before an absolute path. They run the
 * script in one commit only, so ids cannot be compared.
 */
export function builtTree({ files }: BuildTreeResult): BuiltRead {
  const tree: PrintedTree = [];
  for (const file of files) {
    const path = treePath(file.path.toWellFormed(), []);
    if (path === undefined) {
      const message = `The script of tree_builder printed ${JSON.stringify(file.path.slice(0, 200))}, which is no path inside the repository.`;
      return { kind: "failed", message };
    }
    tree.push({ ...file, path });
  }
  const withId = tree
    .filter(({ id, changed }) => typeof id === "string" && typeof changed !== "boolean")
    .map(({ path }) => path);
  return {
    kind: "built",
    answer: { kind: "built_tree", tree: storedTree(resolveTree(tree, undefined)) },
    withId,
  };
}
