import type { Instant } from "../../base/brand.ts";
import type {
  DecisionView,
  LockView,
  NoticeView,
  PullRequestSummary,
  RepositoryView,
} from "../../contract/views.ts";
import type { Notice } from "../../core/notice.ts";
import type { Phase } from "../../core/phase.ts";
import type { PullRequestView } from "../../core/pull-request.ts";
import type { StoredRepository } from "../../ports/engine-store.ts";
import type { DecisionRecord, LockRow, RepositoryRecord } from "../../ports/view-store.ts";
import { LOCAL_VCS } from "../services.ts";
import { progressOf } from "./dirspace.ts";
import { iso, reasonView } from "./words.ts";

export function summaryView(
  repository: StoredRepository,
  view: PullRequestView,
  stored: {
    readonly phases: readonly Phase[];
    readonly locks: number;
    readonly updatedAt: Instant;
  },
): PullRequestSummary {
  return {
    repository: repository.ref.fullName,
    repositoryId: repository.id,
    number: view.number,
    title: view.title,
    author: view.author.login,
    state: view.state,
    draft: view.draft,
    headRef: view.headRef,
    headSha: view.headSha,
    baseRef: view.baseRef,
    progress: progressOf(stored.phases),
    locks: stored.locks,
    updatedAt: iso(stored.updatedAt),
    url: view.url ?? null,
  };
}

export function noticeView(notice: Notice): NoticeView {
  const { aside, reasons, stop = [] } = notice;
  const unsaid = stop.filter(({ code }) => reasons.every((reason) => reason.code !== code));
  return {
    at: iso(notice.at),
    command: notice.command ?? null,
    actor: notice.actor ?? null,
    outcome: notice.outcome,
    reasons: reasons.map(reasonView),
    ...(unsaid.length === 0 ? {} : { stop: unsaid.map(reasonView) }),
    ...(aside === undefined
      ? {}
      : { aside: { ...aside, at: iso(aside.at), reasons: aside.reasons.map(reasonView) } }),
  };
}

export function decisionView(decision: DecisionRecord): DecisionView {
  return {
    id: decision.id,
    at: iso(decision.at),
    event: decision.event,
    reasons: decision.reasons.map(reasonView),
  };
}

export function repositoryView(
  repository: RepositoryRecord,
  cloneUrl: string | undefined,
): RepositoryView {
  return {
    id: repository.id,
    vcs: repository.vcs,
    fullName: repository.ref.fullName,
    defaultBranch: repository.defaultBranch,
    cloneUrl: cloneUrl ?? null,
    openPullRequests: repository.openPullRequests,
    planned: repository.planned,
  };
}

export function lockView(lock: LockRow): LockView {
  const { repository, number } = lock.pullRequest;
  return {
    repository: repository.ref.fullName,
    repositoryId: repository.id,
    dir: lock.dir,
    workspace: lock.workspace,
    pullRequest: number,
    title: lock.title,
    because: lock.because,
    since: iso(lock.since),
    applyInFlight: lock.applyInFlight,
    inDoubt: lock.inDoubt,
    local: repository.vcs === LOCAL_VCS,
    waiting: [...lock.waiting],
  };
}
