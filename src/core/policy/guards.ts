import type { AccessControl } from "../config/access-control.ts";
import type { Match } from "../config/match.ts";
import { type Facts, factOf, type Question, refusalOf } from "../fact.ts";
import type { FileChange, PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Asking, rulesFrom } from "./asking.ts";
import { matchesAny, questionsOf, termText } from "./terms.ts";

/** A list that guards the operation as soon as the pull request changes one of its files. */
interface Guard {
  readonly what: "config" | "ci" | "file";
  readonly guards: (path: string) => boolean;
  readonly allowed: readonly Match[];
}

export type Guarded =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "judged"; readonly refusals: readonly Reason[] };

const CONFIG_FILE = /^\.(?:terrane|terrateam)\/config\.[^/]+$/;

/**
 * What a pull request changes can need more rights than where it changes it. A rename touches both names. What is
 * changed is looked up only where a list leaves somebody out.
 */
export function judgeGuards(asking: Asking, snapshot: Snapshot): Guarded {
  const { config, view, facts } = asking;
  const access = config.accessControl;
  const guardsCi = access.enabled && excludes(access.ciConfigUpdate);
  const ciFiles = ciFilesOf(guardsCi, facts);
  const others = guardsOf(access);
  if (others.length === 0 && !guardsCi) return { kind: "judged", refusals: [] };
  const changed = changedPaths(snapshot, view, facts);
  if (changed.kind === "refused") return { kind: "judged", refusals: [changed.reason] };
  if (changed.kind === "ask" || ciFiles === undefined) {
    const ci: readonly Question[] = ciFiles === undefined ? [{ kind: "ci_files" }] : [];
    return { kind: "ask", questions: changed.kind === "ask" ? [...changed.questions, ...ci] : ci };
  }
  const guards = (path: string) => ciFiles.paths.includes(path);
  const all: readonly Guard[] = [...others, { what: "ci", guards, allowed: access.ciConfigUpdate }];
  return judgeHits(asking, all, changed.paths);
}

function judgeHits(
  { config, view, who, facts }: Asking,
  guards: readonly Guard[],
  paths: readonly string[],
): Guarded {
  const hits = guards.flatMap(({ what, guards: holds, allowed }) => {
    const path = paths.find(holds);
    return path === undefined
      ? []
      : [{ what, path, allowed, verdict: matchesAny(who, allowed, facts) }];
  });
  const questions = questionsOf(hits.map((hit) => hit.verdict));
  if (questions.length > 0) return { kind: "ask", questions };
  const branch = rulesFrom(config, view);
  const { login } = who;
  const refusals = hits.flatMap(({ what, path, allowed, verdict }): readonly Reason[] => {
    if (verdict.kind !== "no") return [];
    const { unreadable } = verdict;
    return [
      {
        code: "file_guarded",
        login,
        what,
        path,
        allowed: allowed.map(termText),
        branch,
        unreadable,
      },
    ];
  });
  return { kind: "judged", refusals };
}

function ciFilesOf(
  guarded: boolean,
  facts: Facts,
): { readonly paths: readonly string[] } | undefined {
  return guarded ? factOf(facts, { kind: "ci_files" }) : { paths: [] };
}

/** The lists that leave somebody out, besides that for the files of the CI system. */
function guardsOf(access: AccessControl): readonly Guard[] {
  if (!access.enabled) return [];
  const config = (path: string) => CONFIG_FILE.test(path);
  const guards: readonly Guard[] = [
    { what: "config", guards: config, allowed: access.configUpdate },
    ...Object.entries(access.files).map(
      ([file, allowed]): Guard => ({ what: "file", guards: (path) => path === file, allowed }),
    ),
  ];
  return guards.filter(({ allowed }) => excludes(allowed));
}

function excludes(allowed: readonly Match[]): boolean {
  return !allowed.some((term) => term.kind === "anyone");
}

type Changed =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "refused"; readonly reason: Reason }
  | { readonly kind: "known"; readonly paths: readonly string[] };

function changedPaths(snapshot: Snapshot, view: PullRequestView, facts: Facts): Changed {
  // After the merge the base holds the change: what it was is asked from the base of before.
  const base = view.state === "merged" ? snapshot.pullRequest.changeSet?.baseSha : view.baseSha;
  if (base === undefined) {
    const message = "What the pull request changed was not recorded before it was merged.";
    return { kind: "refused", reason: { code: "lookup_refused", what: "changes", message } };
  }
  const question = { kind: "changes", base, head: view.headSha, direct: false } as const;
  const message = refusalOf(facts, question);
  if (message !== undefined) {
    return { kind: "refused", reason: { code: "lookup_refused", what: "changes", message } };
  }
  const known = factOf(facts, question);
  if (known === undefined) return { kind: "ask", questions: [question] };
  return { kind: "known", paths: known.changes.flatMap(pathsOf) };
}

function pathsOf(change: FileChange): readonly string[] {
  return change.kind === "renamed" ? [change.from, change.to] : [change.path];
}
