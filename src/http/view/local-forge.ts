import type { ConversationEntry, IssueView, LocalForgeView } from "../../contract/views.ts";
import type { ForgeIssue } from "../../ports/forge-store.ts";
import type { RepositoryRef } from "../../ports/vcs.ts";
import { Problem, vcsProblem } from "../errors.ts";
import type { Forge, ForgePull } from "../forge.ts";
import { iso } from "./words.ts";

/** Terrane's own name in conversations. */
const OWN_NAME = "terrane";
const PEOPLE_SHOWN_MAX = 100;

export async function localForgeView(
  forge: Forge,
  ref: RepositoryRef,
  found: ForgePull,
): Promise<LocalForgeView> {
  return {
    conversation: conversation(found),
    checks: found.checks.map((check) => ({
      name: check.name,
      status: check.status,
      conclusion: check.conclusion ?? null,
      title: check.title,
      summary: check.summary,
    })),
    commits: found.commits.map(({ commit, subject, author, at }) => ({
      sha: commit,
      subject,
      author,
      at: new Date(at * 1_000).toISOString(),
    })),
    mergeable: found.view.mergeable,
    people: (await forge.people(ref.id, PEOPLE_SHOWN_MAX)).map(({ login, permission }) => ({
      login,
      permission,
    })),
  };
}

function conversation({ comments, reviews, reviewRequests, pull }: ForgePull): ConversationEntry[] {
  const opened: ConversationEntry[] = [
    { kind: "event", text: `${pull.author.login} opened it`, at: iso(pull.createdAt) },
  ];
  const written = comments.map(
    (comment): ConversationEntry => ({
      kind: "comment",
      id: comment.id,
      author: comment.author?.login ?? OWN_NAME,
      byTerrane: comment.author === undefined,
      markdown: comment.body,
      at: iso(comment.createdAt),
      editedAt: comment.edits === 0 ? null : iso(comment.updatedAt),
      acknowledged: comment.acknowledged,
      ...(comment.outdated ? { outdated: true } : {}),
    }),
  );
  const judged = reviews.map(
    (review): ConversationEntry => ({
      kind: "review",
      id: review.id,
      author: review.reviewer.login,
      verdict: review.dismissed ? "dismissed" : review.verdict,
      commit: review.commit,
      at: iso(review.createdAt),
    }),
  );
  const asked = reviewRequests.map(({ kind, name, at }): ConversationEntry => {
    const who = kind === "team" ? `the team ${name}` : name;
    return { kind: "event", text: `Terrane asked ${who} for a review`, at: iso(at) };
  });
  return [...opened, ...asked, ...written, ...judged, ...ending(pull)].sort((a, b) =>
    a.at === b.at ? 0 : a.at < b.at ? -1 : 1,
  );
}

function ending({ status }: ForgePull["pull"]): ConversationEntry[] {
  switch (status.state) {
    case "open":
      return [];
    case "closed":
      return [{ kind: "event", text: "It was closed", at: iso(status.at) }];
    case "merged": {
      const by = status.by === undefined ? "It was merged" : `${status.by.login} merged it`;
      const text = `${by} as ${status.commit.slice(0, 7)}`;
      return [{ kind: "event", text, at: iso(status.at) }];
    }
  }
}

export async function forgePull(
  forge: Forge,
  ref: RepositoryRef,
  number: number,
): Promise<ForgePull> {
  const found = await forge.pullRequest(ref.id, number);
  if (found.kind === "ok") return found.value;
  if (found.kind === "not_found") throw new Problem(404, "NOT_FOUND", found.message);
  throw vcsProblem(found);
}

export function issueView({ number, title, body, ...at }: ForgeIssue): IssueView {
  return {
    number,
    state: at.closedAt === undefined ? "open" : "closed",
    title,
    markdown: body,
    createdAt: iso(at.createdAt),
    updatedAt: iso(at.updatedAt),
  };
}
