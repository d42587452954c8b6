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
const MODULES = ["network", "database", "cluster", "queue"];

/** One team of a hundred also watches a shared module, as a key of `dirs` says. */
const WATCHING_TEAM = "team-07";

export const CONFIG = `
when_modified:
  file_patterns: ["**/*.tf", "**/*.tfvars"]
dirs:
  "modules/**":
    when_modified:
      file_patterns: []
  "live/*/*/${WATCHING_TEAM}/**":
    tags: [shared-network]
    when_modified:
      file_patterns: ["\${DIR}/*.tf", "\${DIR}/*.tfvars", "modules/network/*.tf"]
`;

export function makeRepository(directories: number): Repository {
  const dirs = Array.from({ length: directories }, (_, index) => {
    const stage = STAGES[index % 3];
    const region = REGIONS[Math.floor(index / 3) % 5];
    const team = `team-${String(Math.floor(index / 15) % TEAMS).padStart(2, "0")}`;
    return `live/${stage}/${region}/${team}/service-${Math.floor(index / (15 * TEAMS))}`;
  }).sort();
  const files = [
    "README.md",
    ...dirs.flatMap((dir) => [`${dir}/README.md`, `${dir}/main.tf`, `${dir}/prod.tfvars`]),
    ...MODULES.flatMap((name) => [`modules/${name}/main.tf`, `modules/${name}/outputs.tf`]),
  ];
  return { files, dirs, config: CONFIG };
}

/** 98 directories spread over the repository, one module that a team watches, and one file that is nobody's. */
export function changedFiles({ dirs }: Repository, count: number): readonly string[] {
  const ordinary = count - 2;
  const spread = Array.from({ length: ordinary }, (_, index) => {
    const dir = dirs[Math.floor((index * dirs.length) / ordinary)] ?? "";
    return `${dir}/${index % 2 === 0 ? "main.tf" : "prod.tfvars"}`;
  });
  return [...new Set([...spread, "modules/network/main.tf", "README.md"])];
}

export function readConfig(text: string): Config {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  return completeConfig(raw);
}
