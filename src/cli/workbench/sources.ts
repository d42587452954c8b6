import { basename, join } from "node:path";
import { type EffectiveConfig, effectiveConfig } from "../../core/config/effective.ts";
import type { ConfigSource, Layer } from "../../core/config/layer.ts";
import type { FileRead, Host } from "../host.ts";
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
  /** A file that stands in for the repository's own. */
  readonly config?: string;
  /** A branch, tag or commit; without it the working tree. */
  readonly ref?: string;
  /** False: what the files say by themselves. */
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
  /** From the lowest layer to the highest, as far as they were found. */
  readonly sources: readonly ConfigSource[];
  /** What stands in the way of reading them. */
  readonly problems: readonly Shown[];
  readonly defaultBranch: DefaultBranch | undefined;
}

/** Reads every source of configuration that there is, and what they say together. */
export async function findConfig(
  host: Host,
  checkout: Checkout | undefined,
  options: SourceOptions,
): Promise<FoundConfig> {
  const sources: ConfigSource[] = [];
  const problems: Shown[] = [];
  const note = (layer: Layer, found: OwnConfig, where = ""): void => {
    if (found.kind === "problem") {
      problems.push(aboutFile("error", "unreadable", found.message, found.path + where));
    } else if (found.kind === "found") {
      sources.push({ layer, file: found.path + where, text: found.text });
    }
  };
  note("repository", await repositoryConfig(host, checkout, options));
  const guarded = checkout !== undefined && options.config === undefined;
  const branch =
    checkout === undefined || options.defaultBranch === false
      ? undefined
      : await defaultBranchOf(checkout, options.defaultBranch);
  if (guarded && branch !== undefined) {
    const found = await ownConfig((path) => atCommit(checkout, branch.commit, path));
    note("default_branch", found, ` (on ${branch.name})`);
  }
  if (options.built !== undefined) {
    const text = await readText(host, options.built, CONFIG_BYTES_MAX);
    sources.push({ layer: "built", file: options.built, text });
  }
  if (options.central !== undefined) {
    for (const [layer, path] of centralPaths(options.name ?? repositoryName(host, checkout))) {
      const file = join(options.central, path);
      const read = await host.machine.readFile(file, CONFIG_BYTES_MAX);
      if (read.kind === "missing") continue;
      note(
        layer,
        read.kind === "ok"
          ? { kind: "found", path: file, text: read.text }
          : { kind: "problem", path: file, message: `the file ${read.message}` },
      );
    }
  }
  const mode = guarded && branch !== undefined ? "guarded" : "as_written";
  return { effective: effectiveConfig(sources, mode), sources, problems, defaultBranch: branch };
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

function centralPaths(name: string): readonly (readonly [Layer, string])[] {
  return [
    ["central_defaults", "config/defaults.yml"],
    ["central_repo_defaults", `config/${name}/defaults.yml`],
    ["central_overrides", "config/overrides.yml"],
    ["central_repo_overrides", `config/${name}/overrides.yml`],
    ["central_config", `config/${name}/config.yml`],
  ];
}

function repositoryName({ machine }: Host, checkout: Checkout | undefined): string {
  return basename(checkout?.root ?? machine.cwd);
}
