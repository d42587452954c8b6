import { dirname, join, relative } from "node:path";
import { CONFIG_CHARS_MAX } from "../../core/config/yaml.ts";
import { CONFIG_PATHS } from "../../core/fact.ts";
import type { FileRead, Machine } from "../host.ts";
import type { Checkout } from "./checkout.ts";

/** Beyond this no text within the limit of characters can be; what is longer is refused by its size. */
export const CONFIG_BYTES_MAX = 4 * CONFIG_CHARS_MAX;

/** The repository's own configuration file in one place, or why there is none. */
export type OwnConfig =
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly path: string; readonly text: string }
  | { readonly kind: "problem"; readonly path: string; readonly message: string };

/** `.yml` wins over `.yaml` of the same name; files of both names at once are a problem. */
export async function ownConfig(read: (path: string) => Promise<FileRead>): Promise<OwnConfig> {
  const found = new Map<string, { path: string; file: Exclude<FileRead, { kind: "missing" }> }>();
  for (const path of CONFIG_PATHS) {
    if (found.has(dirname(path))) continue;
    const file = await read(path);
    if (file.kind !== "missing") found.set(dirname(path), { path, file });
  }
  const [first, other] = [...found.values()];
  if (first === undefined) return { kind: "none" };
  const { path, file } = first;
  if (other !== undefined) {
    const message = `there is also \`${other.path}\`, and only one of the two can count: delete the other`;
    return { kind: "problem", path, message };
  }
  if (file.kind === "unreadable")
    return { kind: "problem", path, message: `the file ${file.message}` };
  return { kind: "found", path, text: file.text };
}

/**
 * The same, in the nearest directory from the working directory up, within its checkout where there
 * is one. Its path is relative to the working directory.
 */
export async function ownConfigAbove(
  machine: Machine,
  checkout: Checkout | undefined,
): Promise<OwnConfig & { readonly root: string }> {
  const above = checkout?.prefix.split("/").filter((name) => name !== "").length;
  let dir = machine.cwd;
  for (let level = 0; ; level += 1) {
    const root = dir;
    const found = await ownConfig((path) => machine.readFile(join(root, path), CONFIG_BYTES_MAX));
    if (found.kind !== "none") {
      return { ...found, path: relative(machine.cwd, join(root, found.path)), root };
    }
    if (dirname(dir) === dir || level === above) return { ...found, root };
    dir = dirname(dir);
  }
}
