import type { EffectiveConfig } from "../config/effective.ts";
import { rememberedConfig } from "../config/remembered.ts";
import { BUILT_FILE, type ConfigSource } from "../config/source.ts";
import { configCommit } from "../configured.ts";
import { type Facts, factOf, type Question, refusalOf } from "../fact.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { configDigest, scriptOf, treeDigest, type Wanted } from "./builder.ts";
import { type BuiltTree, filesOf } from "./built-tree.ts";

type Effective = Extract<EffectiveConfig, { kind: "ok" }>;

export type Built =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "stopped"; readonly reasons: readonly Reason[] }
  /** A job has to find it out. */
  | { readonly kind: "wanted"; readonly wanted: Wanted }
  | {
      readonly kind: "ready";
      readonly effective: Effective;
      /** Absent where git's own list counts. */
      readonly tree: BuiltTree | undefined;
    };

/**
 * What the builders make of a configuration: first the list of files, then the configuration. Whether they run, and
 * all that guards applies, comes from files alone. `fresh`: the change set is still to be made, so the tree counts.
 */
export function throughBuilders(
  view: PullRequestView,
  facts: Facts,
  written: { readonly effective: Effective; readonly sources: readonly ConfigSource[] },
  fresh: boolean,
): Built {
  const { config } = written.effective;
  const treeScript = scriptOf(config.treeBuilder);
  const configScript = scriptOf(config.configBuilder);
  const { headSha: commit, baseRef } = view;

  let tree: BuiltTree | undefined;
  const ofTree = treeScript === undefined ? undefined : treeDigest(treeScript, baseRef);
  if (treeScript !== undefined && ofTree !== undefined) {
    const question = { kind: "built_tree", commit, digest: ofTree } as const;
    const answer = factOf(facts, question);
    if (answer === undefined) return { kind: "ask", questions: [question] };
    tree = answer.tree;
    if (tree === undefined && fresh) {
      const what = `built_tree:${ofTree}` as const;
      return { kind: "wanted", wanted: { what, script: treeScript } };
    }
  }
  if (configScript === undefined) return { kind: "ready", effective: written.effective, tree };

  const branches = { branch: view.headRef, destBranch: baseRef };
  const digest = configDigest(written.effective, configScript, branches, ofTree);
  const question = { kind: "built_config", commit, digest } as const;
  const answer = factOf(facts, question);
  if (answer === undefined) return { kind: "ask", questions: [question] };
  if (answer.text === undefined) {
    const files = treeFiles(view, facts, tree);
    if (files.kind !== "files") return files;
    const wanted: Wanted = {
      what: `built_config:${digest}`,
      script: configScript,
      effective: written.effective,
      tree: { files: files.files },
      branches,
    };
    return { kind: "wanted", wanted };
  }
  const built = { source: "built", file: BUILT_FILE, text: answer.text } as const;
  const effective = rememberedConfig([...written.sources, built]);
  if (effective.kind === "ok") return { kind: "ready", effective, tree };
  const { diagnostics } = effective;
  return { kind: "stopped", reasons: [{ code: "config_invalid", diagnostics }] };
}

type Files =
  | Extract<Built, { kind: "ask" | "stopped" }>
  | { readonly kind: "files"; readonly files: readonly string[] };

function treeFiles(view: PullRequestView, facts: Facts, built: BuiltTree | undefined): Files {
  if (built !== undefined) return { kind: "files", files: filesOf(built) };
  const question = { kind: "tree", commit: configCommit(view) } as const;
  const message = refusalOf(facts, question);
  if (message !== undefined) {
    return { kind: "stopped", reasons: [{ code: "lookup_refused", what: "files", message }] };
  }
  const answer = factOf(facts, question);
  if (answer === undefined) return { kind: "ask", questions: [question] };
  return { kind: "files", files: answer.paths };
}
