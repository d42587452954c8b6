import type { Instant } from "../base/brand.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Wanted } from "./build/builder.ts";
import { accountsFor, type BuiltTree, changesOf, filesOf } from "./build/built-tree.ts";
import { throughBuilders } from "./build/through-builders.ts";
import type { Affected, Branches, ChangeDiagnostic, ChangeSet, Tree } from "./change/affected.ts";
import { changeSetOf, type PreparedRepository } from "./change/change-set.ts";
import { preparedOnce } from "./change/prepared-once.ts";
import type { RepositoryIndex } from "./change/repository-index.ts";
import type { Config } from "./config/config.ts";
import { branchRefusal } from "./config/destination-branch.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import type { EffectiveConfig } from "./config/effective.ts";
import { configCommit, configFor } from "./configured.ts";
import { type Answer, type Facts, factOf, type Question, refusalOf } from "./fact.ts";
import { foundChange } from "./found-change.ts";
import type { CommitSha } from "./ids.ts";
import { judgeFork } from "./policy/fork-trust.ts";
import type { FileChange, PullRequestView } from "./pull-request.ts";
import type { Reason } from "./reason.ts";
import type { RuleBook } from "./rule/rule-book.ts";
import { placesOf } from "./rule/rule-place.ts";
import type { Snapshot } from "./snapshot.ts";

/** Everything looked up that a decision about planning or applying starts from. */
export interface Inputs {
  readonly view: PullRequestView;
  readonly config: Config;
  /** The same configuration, with where its values were written. */
  readonly book: RuleBook;
  readonly warnings: readonly Diagnostic[];
  readonly tree: readonly string[];
  /** The list that a builder made of it. */
  readonly built?: BuiltTree;
  readonly affected: readonly Affected[];
  readonly deletedDirs: readonly string[];
  /** What the change set was made of; absent after a merge, which makes none. */
  readonly repository?: PreparedRepository;
  /** What changes; there where `repository` is. */
  readonly changes?: readonly FileChange[];
  /** What the code refers to, after a merge: as it was read before. Absent where nobody wants to know. */
  readonly index?: RepositoryIndex;
  /** The commit of the owner's central repository; absent where there is none. */
  readonly central?: CommitSha;
}

export type Prepared =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  /** Nothing can be planned or applied, and why. */
  | {
      readonly kind: "stopped";
      readonly view: PullRequestView | undefined;
      readonly reasons: readonly Reason[];
      /** What was consulted; absent where no configuration could be. */
      readonly book?: RuleBook;
    }
  /** What the change touches depends on what only a job can find out, and none has yet. */
  | {
      readonly kind: "unread";
      readonly view: PullRequestView;
      readonly book: RuleBook;
      readonly wanted: Wanted;
    }
  | { readonly kind: "ready"; readonly inputs: Inputs };

/**
 * Merged longer ago than this before anybody told us of it, a pull request is history: what came after it may have
 * undone it, and whoever comments on it wants no plan. A VCS forgets its lost webhooks after as long.
 */
const MERGED_LATELY_MS = 3 * 24 * 3_600_000;

/**
 * Looks the pull request up, then its configuration, then its change set; asks for what is missing. `at`: now, for
 * whoever may record a change set.
 */
export function prepare(snapshot: Snapshot, facts: Facts, at?: Instant): Prepared {
  const view = viewOf(facts);
  if (view === "unasked") return { kind: "ask", questions: [{ kind: "pull_request" }] };
  if (view === undefined) return stopped(undefined, { code: "pull_request_gone" });
  if (view.state === "closed") return stopped(view, { code: "pull_request_closed" });
  const fork = judgeFork(view, facts);
  if (fork.kind === "ask") return fork;
  if (fork.kind === "untrusted") return stopped(view, fork.reason);

  const configured = configFor(view, facts);
  if (configured.kind === "ask") return configured;
  if (configured.kind === "stopped") return stopped(view, ...configured.reasons);
  const { effective } = configured;
  const { config } = effective;
  const by = (reason: Reason): Prepared => ({ ...stopped(view, reason), book: effective });
  if (!config.enabled) return by({ code: "disabled" });
  const elsewhere = branchRefusal(config.destinationBranches, view);
  if (elsewhere !== undefined) return by(elsewhere);
  // `unknown` goes on: the runner merges by itself, and an apply asks for a definite answer.
  const conflicts = view.state === "open" && view.mergeable === "conflict";
  if (conflicts && config.applyRequirements.checks.every((rule) => rule.mergeConflicts.enabled)) {
    return by({ code: "merge_conflict", base: view.baseRef });
  }
  const base = reviewedFrom(snapshot, view, at);
  const built = throughBuilders(view, facts, configured, base !== undefined);
  switch (built.kind) {
    case "ask":
      return built;
    case "stopped":
      return { ...stopped(view, ...built.reasons), book: effective };
    case "wanted":
      return { kind: "unread", view, book: effective, wanted: built.wanted };
    case "ready":
      return withChangeSet(snapshot, facts, view, built, base);
    default:
      return unreachable(built);
  }
}

/** The view looked up for this event: `unasked` before, undefined when the VCS does not know the pull request. */
export function viewOf(facts: Facts): PullRequestView | undefined | "unasked" {
  const answer = factOf(facts, { kind: "pull_request" });
  return answer === undefined ? "unasked" : answer.view;
}

/** Which dirspaces it touches that these files came into the base, under the same configuration. */
export function touchedBy(inputs: Inputs, changes: readonly FileChange[]): ChangeSet {
  const { config, tree, view, index, built } = inputs;
  if (built !== undefined && !accountsFor(built, changes))
    return { kind: "error", diagnostics: [] };
  // It was read before the merge, or `indexer` was switched on since: then nobody knows.
  if (config.indexer.enabled && inputs.repository === undefined && index === undefined) {
    return { kind: "error", diagnostics: [] };
  }
  const repository = inputs.repository ?? preparedOnce(config, asTree(tree, index), branches(view));
  return repository.kind === "error" ? repository : changeSetOf(repository, changes);
}

function asTree(files: readonly string[], index: RepositoryIndex | undefined): Tree {
  return index === undefined ? { files } : { files, index };
}

function branches(view: PullRequestView): Branches {
  return { branch: view.headRef, destBranch: view.baseRef };
}

/** Where `indexer` is off, what the code refers to does not count. */
const NO_INDEX: Extract<Answer, { kind: "index" }> = { kind: "index", index: undefined };

/** The commit that the change is compared with; undefined where it was while the pull request was open, and that counts. */
function reviewedFrom(
  { pullRequest }: Snapshot,
  view: PullRequestView,
  at: Instant | undefined,
): CommitSha | undefined {
  if (view.state !== "merged") return view.baseSha;
  const { changeSet } = pullRequest;
  // Made here before: what the code refers to is not read again for it.
  if (changeSet !== undefined || view.merged === undefined || at === undefined) return undefined;
  return at - view.merged.at <= MERGED_LATELY_MS ? view.merged.onto : undefined;
}

interface Ready {
  readonly effective: Extract<EffectiveConfig, { kind: "ok" }>;
  readonly tree: BuiltTree | undefined;
}

function withChangeSet(
  snapshot: Snapshot,
  facts: Facts,
  view: PullRequestView,
  { effective, tree: built }: Ready,
  base: CommitSha | undefined,
): Prepared {
  const { config, warnings } = effective;
  const found = factOf(facts, { kind: "central" })?.at;
  const shared = {
    ...(found === undefined ? {} : { central: found.commit }),
    ...(built === undefined ? {} : { built }),
  };
  const treeQuestion = { kind: "tree", commit: configCommit(view) } as const;
  const tree = built === undefined ? factOf(facts, treeQuestion) : asAnswer(built);
  const noTree = refusalOf(facts, treeQuestion);
  if (noTree !== undefined) {
    return stopped(view, { code: "lookup_refused", what: "files", message: noTree });
  }
  const indexQuestion = { kind: "index", commit: view.headSha } as const;
  const indexQuestions = config.indexer.enabled ? [indexQuestion] : [];
  const read = config.indexer.enabled ? factOf(facts, indexQuestion) : NO_INDEX;
  if (base === undefined) {
    // The head has become part of the base: the change set is the one that was reviewed.
    if (tree === undefined || read === undefined) {
      return { kind: "ask", questions: [treeQuestion, ...indexQuestions] };
    }
    const affected = snapshot.dirspaces.flatMap((state) => state.affected ?? []);
    const looked = { tree: tree.paths, affected, deletedDirs: [] };
    const { index } = read;
    const more = index === undefined ? {} : { index };
    const inputs = { view, config, book: effective, warnings, ...looked, ...more, ...shared };
    return { kind: "ready", inputs };
  }
  const changesQuestion = {
    kind: "changes",
    base,
    head: view.headSha,
    direct: false,
  } as const;
  const changes = factOf(facts, changesQuestion);
  const noChanges = refusalOf(facts, changesQuestion);
  if (noChanges !== undefined) {
    return stopped(view, { code: "lookup_refused", what: "changes", message: noChanges });
  }
  if (tree === undefined || changes === undefined || read === undefined) {
    return { kind: "ask", questions: [treeQuestion, changesQuestion, ...indexQuestions] };
  }
  if (config.indexer.enabled && read.index === undefined) {
    return { kind: "unread", view, book: effective, wanted: { what: "index" } };
  }
  const seen = asTree(tree.paths, read.index);
  const seenChanges = changes.changes;
  const changed = built === undefined ? seenChanges : changesOf(built, seenChanges);
  const change = foundChange(effective, seen, changed, branches(view));
  if (change.kind === "error") return stopped(view, ...invalid(change.diagnostics, effective));
  const { affected, deletedDirs, repository } = change;
  const looked = { tree: tree.paths, affected, deletedDirs, repository, changes: changed };
  const all = [...warnings, ...change.warnings];
  const inputs = { view, config, book: effective, warnings: all, ...looked, ...shared };
  return { kind: "ready", inputs };
}

function asAnswer(built: BuiltTree): Extract<Answer, { kind: "tree" }> {
  return { kind: "tree", paths: filesOf(built) };
}

function invalid(
  diagnostics: readonly ChangeDiagnostic[],
  { origins }: RuleBook,
): readonly Reason[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const messages = (found: readonly ChangeDiagnostic[]) => found.map(({ message }) => message);
  const twins = errors.filter(({ code }) => code === "same_directory");
  const others = errors.filter(({ code }) => code !== "same_directory");
  const codes = [...new Set(others.map(({ code }) => code))];
  const reasons: Reason[] = [];
  if (others.length > 0) {
    const paths = others.flatMap((one) => ("at" in one && one.at !== undefined ? [one.at] : []));
    const rules = paths.length === 0 ? {} : { rules: placesOf(origins, paths) };
    reasons.push({ code: "graph_invalid", messages: messages(others), codes, ...rules });
  }
  if (twins.length > 0) reasons.push({ code: "same_directory", messages: messages(twins) });
  return reasons;
}

function stopped(
  view: PullRequestView | undefined,
  ...reasons: readonly Reason[]
): Extract<Prepared, { kind: "stopped" }> {
  return { kind: "stopped", view, reasons };
}
