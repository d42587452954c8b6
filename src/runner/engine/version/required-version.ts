import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ENGINE_FILE_CHARS_MAX, hclTokens, isEngineFile } from "../backend-block.ts";

/** All `required_version` constraints of a directory's files, which hold together; undefined where there is none. */
export async function requiredVersion(path: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of await readdir(path).catch((): string[] => [])) {
    if (!isEngineFile(name) || name.endsWith(".json")) continue;
    const file = join(path, name);
    const facts = await stat(file).catch(() => undefined);
    if (facts?.isFile() !== true || facts.size > ENGINE_FILE_CHARS_MAX) continue;
    const text = await readFile(file, "utf8");
    if (text.includes("required_version")) found.push(...constraintsIn(text));
  }
  return found.length === 0 ? undefined : found.join(", ");
}

/** Only what is written out, inside a `terraform` block; comments and strings that mention it are no constraint. */
export function constraintsIn(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let inTerraform = false;
  let statement: (string | undefined)[] = [];
  for (const token of hclTokens(text)) {
    if (token === "{") {
      depth += 1;
      if (depth === 1) inTerraform = statement.length === 1 && statement[0] === "terraform";
      statement = [];
    } else if (token === "}" || token === "\n") {
      if (inTerraform && depth === 1) found.push(...assigned(statement));
      if (token === "}") depth = Math.max(0, depth - 1);
      statement = [];
    } else statement.push(token);
  }
  return found;
}

/** `required_version = "…"`, as its tokens. */
function assigned(statement: readonly (string | undefined)[]): string[] {
  const [name, sign, value] = statement;
  const literal = statement.length === 3 && sign === undefined && value?.startsWith('"') === true;
  if (name !== "required_version" || !literal || value === undefined) return [];
  const text = value.slice(1, -1);
  return /[$%]\{|\\/.test(text) ? [] : [text];
}
