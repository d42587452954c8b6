import { unreachable } from "../../base/unreachable.ts";
import { escapeGlob } from "../change/glob.ts";
import type { Discovered, LeftOut, Root } from "./discover.ts";

export const STARTER_PATH = ".terrane/config.yml";

/** So much of a list is named; the rest is counted. */
const LISTED_MAX = 50;
/** Directories that get a key of their own. */
const KEYS_MAX = 200;
const NAMES_MAX = 8;

/** A configuration to begin with: what was found, and every decision with why it stands there. */
export function starterConfig(found: Discovered): string {
  const lines = [
    "# The configuration of Terrane, made from what this repository holds. Every line can go or change.",
    "# `terrane affected` says what a change touches, and why; `terrane config check` whether this file is right.",
    ...cutOf(found),
    "",
    ...rootLines(found),
    "",
    "# Reads which modules and files a directory uses, so that their changes touch it too, and they are not planned",
    "# by themselves.",
    "indexer:",
    "  enabled: true",
    ...engineLines(found),
    ...workspaceLines(found),
    ...dirsLines(found),
    ...environmentLines(found),
  ];
  return `${lines.join("\n")}\n`;
}

/** What was not read, in one sentence; nothing where all was. */
export function cutMessage({ read, all }: Pick<Discovered, "read" | "all">): string | undefined {
  if (read >= all) return undefined;
  return (
    `${read} of ${all} files with code were read, backends and providers first. ` +
    "`terrane setup` in a checkout reads more of them."
  );
}

function cutOf(found: Discovered): readonly string[] {
  const message = cutMessage(found);
  return message === undefined ? [] : [`# ${message}`];
}

function rootLines({ roots, backendsOfModules }: Discovered): readonly string[] {
  if (roots.length === 0) {
    return ["# No directory with code was found yet; it is found when there is one."];
  }
  return [
    "# Directories that are planned by themselves; none of them has to be named:",
    ...listed(roots, rootLine),
    ...(roots.some(({ backend, because }) => backend === undefined && because !== "unit")
      ? [
          "# Where no backend is written, the state is gone with the job that made it: add one before you apply.",
        ]
      : []),
    ...(backendsOfModules.length === 0
      ? []
      : [
          "# These have a backend and are called as modules, so they are planned where they are called and never by themselves:",
          ...listed(backendsOfModules, shown),
        ]),
  ];
}

function rootLine(root: Root): string {
  const { dir, backend, providers, modules } = root;
  const parts = [
    whyRoot(root),
    ...(backend === undefined || root.because === "backend" ? [] : [`backend ${shown(backend)}`]),
    ...(providers.length === 0 ? [] : [`providers ${names(providers)}`]),
    ...(modules.length === 0 ? [] : [`calls ${names(modules)}`]),
  ];
  return `${shown(dir)} (${parts.join("; ")})`;
}

function whyRoot({ because, backend }: Root): string {
  switch (because) {
    case "backend":
      return `backend ${shown(backend ?? "")}`;
    case "provider":
      return "configures providers";
    case "unit":
      return "a unit of Terragrunt";
    case "not_called":
      return "nothing calls it as a module";
    case "not_read":
      return "holds code that was not read";
    default:
      return unreachable(because);
  }
}

function engineLines({ engine, endings }: Discovered): readonly string[] {
  return [...engineName(engine), ...patternLines(engine === "terragrunt", endings)];
}

function engineName(engine: Discovered["engine"]): readonly string[] {
  switch (engine) {
    case "terraform":
      return [];
    case "tofu":
      return [
        "",
        "# There are files of OpenTofu, or a version of it is asked for.",
        "engine:",
        "  name: tofu",
      ];
    case "terragrunt":
      return ["", "# There are units of Terragrunt.", "engine:", "  name: terragrunt"];
    default:
      return unreachable(engine);
  }
}

/** By default only `.tf` and `.tfvars` make a directory one that is planned. */
function patternLines(units: boolean, endings: readonly string[]): readonly string[] {
  const more = [...(units ? ["**/terragrunt.hcl"] : []), ...endings.map((end) => `**/*${end}`)];
  if (more.length === 0) return [];
  return [
    "",
    "# Files that are no code by default, and are here.",
    "when_modified:",
    `  file_patterns: [${[...more, "**/*.tf", "**/*.tfvars"].map((one) => `"${one}"`).join(", ")}]`,
  ];
}

/** Two files of values can be two workspaces, or two of anything else. */
function hasWorkspaces({ workspaces }: Root): boolean {
  return workspaces.length > 1;
}

function workspaceLines({ roots }: Discovered): readonly string[] {
  const unsure = roots.filter((root) => hasWorkspaces(root) && !root.asksForWorkspace);
  if (unsure.length === 0) return [];
  return [
    "",
    "# Several files of values, and no word of workspaces in the code: these may be workspaces, each with a state of its",
    "# own. If they are, give them to their directory, and the file to terraform (docs/guides/layouts.md):",
    ...listed(unsure, ({ dir, workspaces }) => `${shown(dir)}: ${names(workspaces)}`),
  ];
}

function dirsLines({ roots, leftOut, endings }: Discovered): readonly string[] {
  const spaces = roots.filter((root) => hasWorkspaces(root) && root.asksForWorkspace);
  const keys = [...spaces.map((root) => workspaceKey(root, endings)), ...leftOut.map(leftOutKey)];
  if (keys.length === 0) return [];
  const rest = keys.length - KEYS_MAX;
  return [
    "",
    "dirs:",
    ...keys.slice(0, KEYS_MAX).flat(),
    ...(rest > 0
      ? [`  # ${rest} more directories look like modules or examples, and are not named here.`]
      : []),
  ];
}

function workspaceKey(
  { dir, workspaces, valuesIn }: Root,
  endings: readonly string[],
): readonly string[] {
  const folder = valuesIn === "" ? "" : `${escapeGlob(valuesIn)}/`;
  const patterns = [
    ...[".tf", ...endings].map((ending) => `\${DIR}/*${ending}`),
    `\${DIR}/${folder}\${WORKSPACE}.tfvars`,
  ];
  return [
    "  # Its code asks for `terraform.workspace`, and there is a file of values for each of these. To have the file read,",
    '  # give the plan step `extra_args: ["-var-file=${TERRANE_WORKSPACE}.tfvars"]`.',
    `  ${key(dir)}:`,
    "    when_modified:",
    `      file_patterns: [${patterns.map((one) => JSON.stringify(one)).join(", ")}]`,
    "    workspaces:",
    ...workspaces.map((name) => `      ${JSON.stringify(name)}: {}`),
  ];
}

function leftOutKey({ dir, because }: LeftOut): readonly string[] {
  return [
    `  # ${whyLeftOut(because)}`,
    `  ${key(dir)}:`,
    "    when_modified:",
    "      file_patterns: []",
  ];
}

function whyLeftOut(because: LeftOut["because"]): string {
  switch (because) {
    case "module":
      return "Nothing calls it, but it has neither backend nor provider: taken for a module, which is not planned by itself.";
    case "example":
      return "By its name it is an example or a test, and it has no backend: not planned.";
    case "values":
      return "It holds values and no code.";
    case "parent":
      return "Units include it; it runs no code itself.";
    default:
      return unreachable(because);
  }
}

function environmentLines({ environments }: Discovered): readonly string[] {
  const [first] = environments.filter((name) => name.startsWith("pr"));
  const name = first ?? environments[0];
  if (name === undefined) return [];
  return [
    "",
    `# Environments, by the names of directories: ${names(environments)}. Rules can speak of one of them:`,
    "# apply_requirements:",
    "#   checks:",
    `#     - tag_query: "${name} in dir"`,
    "#       approved: {enabled: true, any_of_count: 1}",
    '#     - tag_query: ""',
  ];
}

function key(dir: string): string {
  return JSON.stringify(escapeGlob(dir));
}

function listed<T>(all: readonly T[], line: (one: T) => string): readonly string[] {
  const rest = all.length - LISTED_MAX;
  return [
    ...all.slice(0, LISTED_MAX).map((one) => `#   ${line(one)}`),
    ...(rest > 0 ? [`#   and ${rest} more`] : []),
  ];
}

function names(all: readonly string[]): string {
  const rest = all.length - NAMES_MAX;
  const some = all.slice(0, NAMES_MAX).map(shown).join(", ");
  return rest > 0 ? `${some} and ${rest} more` : some;
}

/** A name of somebody else inside a comment: it cannot end the line. */
function shown(name: string): string {
  return JSON.stringify(name)
    .slice(1, -1)
    .replaceAll(/[\u0085\u2028\u2029]/g, "?");
}
