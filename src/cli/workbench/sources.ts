import { basename, join } from "node:path";
import { centralPaths } from "../../core/config/central.ts";
import { type EffectiveConfig, effectiveConfig } from "../../core/config/effective.ts";
import type { ConfigSource, SourceName } from "../../core/config/source.ts";
import { type FileRead, type Host, UsageError } from "../host.ts";
import {
  type Checkout,
  commitOf,
  type DefaultBranch,
  defaultBranchOf,
  fileAt,
} from "./checkout.ts";
import { readText } from "./lists.ts";
import { CONFIG_BYTES_MAX, type OwnConfig, ownConfig, ownConfigAbove } from "./own-config.ts";
import { aboutFile, type Shown } from "./shown.ts";

export interface SourceOptions {
  /** A file that stands in for the repository's own, whatever `ref` says. */
  readonly config?: string;
  /** A branch, tag or commit; without it the working tree. */
  readonly ref?: string;
  /**
   * Where the guarded keys come from. False: what the files say by themselves, as for a file that
   * stands in when nothing is said here.
   */
  readonly defaultBranch?: string | false;
  /** A checkout of the central repository. */
  readonly central?: string;
  /** What this repository is called in the central one. */
  readonly name?: string;
  /** What the config builder printed. */
  readonly built?: string;
}

export interface FoundConfig {
  readonly effective: EffectiveConfig;
  /** From the lowest to the highest, as far as they were found. */
  readonly sources: readonly ConfigSource[];
  /** What stands in the way of reading them. */
  readonly problems: readonly Shown[];
  readonly defaultBranch: DefaultBranch | undefined;
  readonly mode: "guarded" | "as_written";
}

/** Reads every source of configuration that there is, and what they say together. */
export async function findConfig(
  host: Host,
  checkout: Checkout | undefined,
  options: SourceOptions,
): Promise<FoundConfig> {
  refuseUnused(checkout, options);
  const sources: ConfigSource[] = [];
  const problems: Shown[] = [];
  const note = (source: SourceName, found: OwnConfig, where = ""): void => {
    if (found.kind === "problem") {
      problems.push(aboutFile("error", "unreadable", found.message, found.path + where));
    } else if (found.kind === "found") {
      sources.push({ source, file: found.path + where, text: found.text });
    }
  };
  note("repository", await repositoryConfig(host, checkout, options));
  const { defaultBranch } = options;
  const branch =
    checkout === undefined || defaultBranch === false
      ? undefined
      : await defaultBranchOf(checkout, defaultBranch);
  const guarded =
    branch !== undefined && (options.config === undefined || defaultBranch !== undefined);
  if (guarded && checkout !== undefined) {
    const found = await ownConfig((path) => atCommit(checkout, branch.commit, path));
    note("default_branch", found, ` (on ${branch.name})`);
  }
  if (options.built !== undefined) {
    const text = await readText(host, options.built, CONFIG_BYTES_MAX);
    sources.push({ source: "built", file: options.built, text });
  }
  if (options.central !== undefined) {
    const name = options.name ?? repositoryName(host, checkout);
    for (const { source, found } of await centralConfigs(host, options.central, name)) {
      note(source, found);
    }
  }
  const mode = guarded ? "guarded" : "as_written";
  return {
    effective: effectiveConfig(sources, mode),
    sources,
    problems,
    defaultBranch: branch,
    mode,
  };
}

async function repositoryConfig(
  host: Host,
  checkout: Checkout | undefined,
  { config, ref }: SourceOptions,
): Promise<OwnConfig> {
  if (config !== undefined) {
    return { kind: "found", path: config, text: await readText(host, config, CONFIG_BYTES_MAX) };
  }
  const { machine } = host;
  if (checkout === undefined) return await ownConfigAbove(machine, undefined);
  if (ref === undefined) {
    return await ownConfig((path) => machine.readFile(join(checkout.root, path), CONFIG_BYTES_MAX));
  }
  const commit = await commitOf(checkout, ref);
  return await ownConfig((path) => atCommit(checkout, commit, path));
}

async function atCommit(checkout: Checkout, commit: string, path: string): Promise<FileRead> {
  const text = await fileAt(checkout, commit, path);
  return text === undefined ? { kind: "missing" } : { kind: "ok", text };
}

/** Whoever names a directory in which nothing is read would take the answer for another one. */
async function centralConfigs(
  { machine }: Host,
  dir: string,
  name: string,
): Promise<readonly { readonly source: SourceName; readonly found: OwnConfig }[]> {
  const paths = centralPaths(name);
  const configs: { source: SourceName; found: OwnConfig }[] = [];
  for (const { source, path } of paths) {
    const file = join(dir, path);
    const read = await machine.readFile(file, CONFIG_BYTES_MAX);
    if (read.kind === "missing") continue;
    const found: OwnConfig =
      read.kind === "ok"
        ? { kind: "found", path: file, text: read.text }
        : { kind: "problem", path: file, message: `the file ${read.message}` };
    configs.push({ source, found });
  }
  if (configs.length > 0) return configs;
  throw new UsageError(
    `${dir} holds no central configuration for a repository called ${name}.`,
    `Looked for ${paths.map(({ path }) => path).join(", ")}. --name says what the repository is called there.`,
    2,
  );
}

/** An option that has nothing to act on would change nothing without a word. */
function refuseUnused(checkout: Checkout | undefined, options: SourceOptions): void {
  if (options.name !== undefined && options.central === undefined) {
    throw new UsageError(
      "--name says what this repository is called in the central one, and there is no --central.",
      "Add --central DIR, or leave --name out.",
      2,
    );
  }
  if (checkout !== undefined) return;
  const { ref, defaultBranch } = options;
  const given = defaultBranch === false ? undefined : defaultBranch;
  if (ref === undefined && given === undefined) return;
  const option = ref === undefined ? "--default-branch" : "--ref";
  throw new UsageError(
    `This is no git checkout, so there is no ${JSON.stringify(ref ?? given)} to read.`,
    `Use --repo DIR, or leave ${option} out.`,
    2,
  );
}

function repositoryName({ machine }: Host, checkout: Checkout | undefined): string {
  return basename(checkout?.root ?? machine.cwd);
}
