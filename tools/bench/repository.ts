import { completeConfig } from "../../src/core/config/complete.ts";
import type { Config } from "../../src/core/config/config.ts";
import { parseConfig } from "../../src/core/config/parse.ts";

/** A made-up repository of the usual build: live directories by stage, region and team, and shared modules. */
export interface Repository {
  readonly files: readonly string[];
  /** The directories that are dirspaces. */
  readonly dirs: readonly string[];
  readonly config: string;
}

const STAGES = ["dev", "staging", "prod"];
const REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2", "ap-south-1"];
const TEAMS = 100;

/** The teams with keys of their own; the others live by the global patterns. */
const CONFIGURED_TEAMS = 83;
/** Keys of `dirs` (three stages of each such team, and the modules) and their file patterns. */
export const PATTERNS = CONFIGURED_TEAMS * STAGES.length * 4 + 3;
/** Four regions of each stage of each such team, and four for the rest. */
export const QUERIES = CONFIGURED_TEAMS * STAGES.length * 4 + 4;

/** One key and what it says. */
interface Key {
  readonly glob: string;
  readonly tags: readonly string[];
  readonly patterns: readonly string[];
}

export const GLOBAL_PATTERNS = ["**/*.tf", "**/*.tfvars"];

export function keys(): readonly Key[] {
  const live = teams(CONFIGURED_TEAMS).flatMap((team) =>
    STAGES.map((stage) => ({
      glob: `live/${stage}/*/${team}/**`,
      tags: [team, stage],
      patterns: ["${DIR}/*.tf", "${DIR}/*.tfvars", `modules/${team}/*.tf`],
    })),
  );
  return [{ glob: "modules/**", tags: [], patterns: [] }, ...live];
}

/** Of the workflows, in their order. */
export function queries(): readonly string[] {
  const own = teams(CONFIGURED_TEAMS).flatMap((team) =>
    STAGES.flatMap((stage) =>
      REGIONS.slice(0, 4).map((region) => `${team} and ${stage} and ${region} in dir`),
    ),
  );
  return [...own, "dev and not (eu-west-1 in dir)", "staging or dev", "prod", ""];
}

export function makeRepository(directories: number): Repository {
  const names = teams(TEAMS);
  const dirs = Array.from({ length: directories }, (_, index) => {
    const stage = STAGES[index % 3];
    const region = REGIONS[Math.floor(index / 3) % 5];
    const team = names[Math.floor(index / 15) % TEAMS];
    return `live/${stage}/${region}/${team}/service-${Math.floor(index / (15 * TEAMS))}`;
  }).sort();
  const files = [
    "README.md",
    ...dirs.flatMap((dir) => [`${dir}/README.md`, `${dir}/main.tf`, `${dir}/prod.tfvars`]),
    ...names.flatMap((name) => [`modules/${name}/main.tf`, `modules/${name}/outputs.tf`]),
  ];
  // A tree arrives as JSON, so its paths are flat text and not parts joined when first read.
  const parsed = JSON.parse(JSON.stringify({ files, dirs })) as Omit<Repository, "config">;
  return { ...parsed, config: configText() };
}

function teams(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `team-${String(index).padStart(2, "0")}`);
}

function configText(): string {
  const dirs = keys().map(({ glob, tags, patterns }) =>
    [
      `  ${JSON.stringify(glob)}:`,
      `    tags: [${tags.join(", ")}]`,
      `    when_modified: {file_patterns: ${JSON.stringify(patterns)}}`,
    ].join("\n"),
  );
  const workflows = queries().map((query) => `  - tag_query: ${JSON.stringify(query)}`);
  return [
    `when_modified: {file_patterns: ${JSON.stringify(GLOBAL_PATTERNS)}}`,
    "dirs:",
    ...dirs,
    "workflows:",
    ...workflows,
    "",
  ].join("\n");
}

/** Files of directories spread over the repository; of several one is of a module that a team watches, one nobody's. */
export function changedFiles({ dirs }: Repository, count: number): readonly string[] {
  const ordinary = count === 1 ? 1 : count - 2;
  const spread = Array.from({ length: ordinary }, (_, index) => {
    const dir = dirs[Math.floor((index * dirs.length) / ordinary)] ?? "";
    return `${dir}/${index % 2 === 0 ? "main.tf" : "prod.tfvars"}`;
  });
  return [...new Set(count === 1 ? spread : [...spread, "modules/team-07/main.tf", "README.md"])];
}

export function readConfig(text: string): Config {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  return completeConfig(raw);
}
