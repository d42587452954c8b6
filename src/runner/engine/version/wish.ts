import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Constraint, parseConstraint } from "./constraint.ts";
import { requiredVersion } from "./required-version.ts";
import { parseVersion } from "./version.ts";

export type Tool = "terraform" | "tofu" | "terragrunt";

/** Which version of a tool a directory wants. */
export type Wish =
  | { readonly kind: "exact"; readonly version: string; readonly from: string }
  | {
      readonly kind: "range";
      readonly constraint: Constraint;
      readonly text: string;
      readonly from: string;
    }
  | { readonly kind: "latest"; readonly from: string }
  /** Whatever the job has. */
  | { readonly kind: "any" }
  | { readonly kind: "unreadable"; readonly text: string; readonly from: string };

export interface WishPlace {
  readonly root: string;
  readonly path: string;
}

const VERSION_FILE: Readonly<Record<Tool, string>> = {
  terraform: ".terraform-version",
  tofu: ".opentofu-version",
  terragrunt: ".terragrunt-version",
};
const VERSION_FILE_CHARS_MAX = 1_000;
/** Words that leave the answer to the code. */
const BY_THE_CODE = ["latest-allowed", "min-required"];

/** The nearest version file up to the root wins over the configuration, and both over what the code requires. */
export async function wishOf(
  tool: Tool,
  configured: string | null,
  place: WishPlace,
): Promise<Wish> {
  const file = await versionFile(tool, place);
  if (file !== undefined && !BY_THE_CODE.includes(file)) return read(file, VERSION_FILE[tool]);
  if (file === undefined && configured !== null && !BY_THE_CODE.includes(configured)) {
    return read(configured, "the configuration");
  }
  if (tool === "terragrunt") return { kind: "any" };
  const required = await requiredVersion(place.path);
  if (required === undefined) return { kind: "any" };
  const constraint = parseConstraint(required);
  // The engine itself says best what is wrong with a constraint that cannot be read.
  if (constraint === undefined) return { kind: "any" };
  return { kind: "range", constraint, text: required, from: "required_version" };
}

function read(text: string, from: string): Wish {
  const version = parseVersion(text);
  if (version !== undefined) return { kind: "exact", version: version.text, from };
  if (text === "latest") return { kind: "latest", from };
  // `1.5` is a line of releases and not the first of them.
  const constraint = parseConstraint(/^v?\d+(?:\.\d+)?$/.test(text) ? lineOf(text) : text);
  if (constraint !== undefined) return { kind: "range", constraint, text, from };
  return { kind: "unreadable", text: text.slice(0, 100), from };
}

function lineOf(text: string): string {
  return `~> ${text.replace(/^v/, "")}.0`;
}

async function versionFile(tool: Tool, place: WishPlace): Promise<string | undefined> {
  for (let folder = place.path; ; folder = dirname(folder)) {
    const text = await readFile(join(folder, VERSION_FILE[tool]), "utf8").catch(() => undefined);
    if (text !== undefined) {
      const lines = text.slice(0, VERSION_FILE_CHARS_MAX).split("\n");
      return lines.map((line) => line.replace(/#.*$/, "").trim()).find((line) => line !== "") ?? "";
    }
    if (folder === place.root || folder === dirname(folder)) return undefined;
  }
}
