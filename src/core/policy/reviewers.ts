import { parseMatch } from "../config/match.ts";
import type { Draft } from "../draft.ts";
import type { CommitSha } from "../ids.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { DirspaceState } from "../snapshot.ts";
import { standingGates } from "./gate.ts";

/** Whom the gates asked so far, for one commit; of an older one they are asked anew. */
export interface ReviewersAsked {
  readonly headSha: CommitSha;
  /** As in a match list: `user:ann`, `team:security`. */
  readonly terms: readonly string[];
}

/** A gate wants a handful of people; nobody wants to tell a hundred. */
export const REVIEWERS_MAX = 30;

/**
 * Has the VCS ask the people for a review whom the gates of the current plans name, each once for a commit. The author
 * cannot review, and whoever has reviewed this commit need not be told of it.
 */
export function askReviewers(draft: Draft): void {
  const { id, view, reviewersAsked } = draft.now().pullRequest;
  if (view === undefined || view.state !== "open") return;
  const { headSha } = view;
  const before = reviewersAsked?.headSha === headSha ? reviewersAsked.terms : [];
  const wanted = termsOf(draft.now().dirspaces, view).filter((term) => !before.includes(term));
  const fresh = wanted.slice(0, REVIEWERS_MAX - before.length);
  if (fresh.length === 0) return;
  const author = fresh.filter((term) => isPerson(term, view.author.login));
  const others = fresh.filter((term) => !author.includes(term) && !hasReviewed(term, view));
  draft.write({ kind: "note_reviewers", headSha, terms: [...before, ...fresh] });
  if (author.length > 0) {
    draft.because({ code: "reviewers_unasked", names: author, why: "author" });
  }
  if (others.length === 0) return;
  // As many as were asked before: each time another key, and the same where this is decided again.
  const key = `reviewers:${id}:${headSha}:${before.length}`;
  draft.effect({ kind: "ask_reviewers", key, ...named(others) });
  draft.because({ code: "reviewers_asked", names: others });
}

function termsOf(states: readonly DirspaceState[], { headSha }: PullRequestView): string[] {
  const current = states.filter(
    ({ plan }) => plan?.state === "planned" && plan.stale === undefined && plan.headSha === headSha,
  );
  const asking = standingGates(current).filter(({ gate }) => gate.addReviewers);
  const terms = asking.flatMap(({ gate }) => [...gate.allOf, ...gate.anyOf]);
  return [...new Set(terms)].filter((term) => named([term]) !== NOBODY);
}

interface Named {
  readonly users: readonly string[];
  readonly teams: readonly string[];
}

const NOBODY: Named = { users: [], teams: [] };

/** A role, or everybody, is nobody in particular; a term that cannot be read holds the apply by itself. */
function named(terms: readonly string[]): Named {
  const users: string[] = [];
  const teams: string[] = [];
  for (const term of terms) {
    const parsed = parseMatch(term);
    if (parsed.kind === "error") continue;
    if (parsed.match.kind === "user") users.push(parsed.match.login);
    if (parsed.match.kind === "team") teams.push(parsed.match.slug);
  }
  return users.length + teams.length === 0 ? NOBODY : { users, teams };
}

function isPerson(term: string, login: string): boolean {
  return term.toLowerCase() === `user:${login.toLowerCase()}`;
}

function hasReviewed(term: string, { reviews, headSha }: PullRequestView): boolean {
  return reviews.some(
    ({ reviewer, commit }) => commit === headSha && isPerson(term, reviewer.login),
  );
}
