import { centralPaths } from "./config/central.ts";
import type { EffectiveConfig } from "./config/effective.ts";
import { rememberedConfig } from "./config/remembered.ts";
import type { ConfigSource } from "./config/source.ts";
import {
  type Central,
  type CentralFile,
  type ConfigFile,
  type Facts,
  factOf,
  type Question,
  refusalOf,
} from "./fact.ts";
import type { PullRequestView } from "./pull-request.ts";
import type { Reason } from "./reason.ts";

export type Configured =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "stopped"; readonly reasons: readonly Reason[] }
  | {
      readonly kind: "ready";
      readonly effective: Extract<EffectiveConfig, { kind: "ok" }>;
      readonly sources: readonly ConfigSource[];
    };

/** After the merge the base branch is what counts; its configuration was reviewed with the change. */
export function configCommit(view: PullRequestView): PullRequestView["headSha"] {
  return view.state === "merged" ? view.baseSha : view.headSha;
}

/**
 * The configuration that counts for this pull request now, from all its files. It is all that guards applies: what
 * the config builder prints on top of it has no say in that.
 */
export function configFor(view: PullRequestView, facts: Facts): Configured {
  const headQuestion = { kind: "config", commit: configCommit(view) } as const;
  const defaultQuestion = { kind: "config", commit: view.defaultBranchSha } as const;
  const head = factOf(facts, headQuestion);
  const onDefault = factOf(facts, defaultQuestion);
  const central = centralSources(facts);
  if (head === undefined || onDefault === undefined || central.kind === "ask") {
    const more = central.kind === "ask" ? [central.question] : [];
    return { kind: "ask", questions: [headQuestion, defaultQuestion, ...more] };
  }
  if (central.kind === "refused") return { kind: "stopped", reasons: [central.reason] };
  const sources = [...central.sources];
  // A file of the central repository stands in for these; then it does not matter what they are.
  if (!sources.some(({ source }) => source === "central_config")) {
    for (const { source, file, where } of [
      { source: "repository", file: head.file, where: "" },
      { source: "default_branch", file: onDefault.file, where: ` (on ${view.defaultBranch})` },
    ] as const) {
      const read = readFile(file);
      if (read.kind === "refused") return { kind: "stopped", reasons: [read.reason] };
      if (read.kind === "none") continue;
      sources.push({ source, file: read.path + where, text: read.text });
    }
  }
  // Rules that guard applies come from the default branch, whatever the pull request says (S16).
  const effective = rememberedConfig(sources);
  if (effective.kind === "error") {
    const { diagnostics } = effective;
    return { kind: "stopped", reasons: [{ code: "config_invalid", diagnostics }] };
  }
  return { kind: "ready", effective, sources };
}

/** What the owner's central repository says, or why nothing is done without it. */
export type CentralRead =
  | { readonly kind: "read"; readonly sources: readonly ConfigSource[] }
  | { readonly kind: "refused"; readonly reason: Reason };

type CentralSources = CentralRead | { readonly kind: "ask"; readonly question: Question };

/** First which commit of which repository, then its files: those never change. */
function centralSources(facts: Facts): CentralSources {
  const where = { kind: "central" } as const;
  const refused = refusalOf(facts, where);
  // Rules that we may not read could forbid anything, so nothing is done without them.
  if (refused !== undefined) return unreadableCentral(refused);
  const found = factOf(facts, where);
  if (found === undefined) return { kind: "ask", question: where };
  if (found.at === undefined) return { kind: "read", sources: [] };
  const what = { kind: "central_files", central: found.at } as const;
  const read = factOf(facts, what);
  return read === undefined
    ? { kind: "ask", question: what }
    : sourcesOfCentral(found.at, read.files);
}

/** The files of the central repository, each under its name. */
export function sourcesOfCentral(central: Central, files: readonly CentralFile[]): CentralRead {
  const sources: ConfigSource[] = [];
  for (const { source, path } of centralPaths(central.name)) {
    const file = files.find((one) => one.path === path);
    if (file === undefined) continue;
    const shown = `${central.fullName}:${path}`;
    if (file.kind === "unreadable") return unreadableCentral(`${shown}: ${file.message}`);
    sources.push({ source, file: shown, text: file.text });
  }
  return { kind: "read", sources };
}

/** Rules that nobody may read forbid everything. */
export function unreadableCentral(message: string): CentralRead {
  return { kind: "refused", reason: { code: "lookup_refused", what: "central", message } };
}

type ReadFile =
  | { readonly kind: "none" }
  | { readonly kind: "read"; readonly path: string; readonly text: string }
  | { readonly kind: "refused"; readonly reason: Reason };

function readFile(file: ConfigFile): ReadFile {
  switch (file.kind) {
    case "none":
      return file;
    case "ambiguous":
      return { kind: "refused", reason: { code: "config_ambiguous", paths: file.paths } };
    case "unreadable":
      return {
        kind: "refused",
        reason: { code: "config_unreadable", path: file.path, message: file.message },
      };
    case "found":
      return { kind: "read", path: file.path, text: file.text };
  }
}
