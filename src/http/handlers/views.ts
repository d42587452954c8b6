import type { PullRequestDetail } from "../../contract/views.ts";
import { commentView } from "../../engine/comment-view.ts";
import type { PullRequestHead, RepositoryRecord } from "../../ports/view-store.ts";
import type { Handlers } from "../api.ts";
import { notFound } from "../errors.ts";
import type { ForgePull } from "../forge.ts";
import { LOCAL_VCS, pullRequestPage, type Services } from "../services.ts";
import { dirspaceViews } from "../view/dirspace.ts";
import { forgePull, localForgeView } from "../view/local-forge.ts";
import {
  decisionView,
  lockView,
  noticeView,
  repositoryView,
  summaryView,
} from "../view/pull-request.ts";
import { runSummary, runView } from "../view/run.ts";
import { countOf, idOf, numberOf, repositoryOf } from "./params.ts";

type ViewHandlers = Pick<
  Handlers,
  "server" | "repositories" | "pullRequests" | "pullRequest" | "runs" | "run" | "output" | "locks"
>;

export function viewHandlers(services: Services): ViewHandlers {
  const { views, about, cloneUrl } = services;
  return {
    server: () => {
      const quarantine = services.engine.quarantine();
      return Promise.resolve({
        ...about,
        vcs: [...about.vcs()],
        notices: [...services.notices()],
        quarantine:
          quarantine === undefined
            ? null
            : { since: quarantine.since, because: quarantine.because },
      });
    },
    async repositories() {
      const all = await views.repositories();
      return await Promise.all(
        all.map(async (one) => repositoryView(one, await cloneUrl(one.vcs, one.ref))),
      );
    },
    async pullRequests() {
      const all = await views.pullRequests();
      return all.map((one) => summaryView(one.pullRequest.repository, one.view, one));
    },
    async pullRequest({ params }) {
      const repository = await repositoryOf(views, params["repository"]);
      return await pullRequestDetail(services, repository, numberOf(params["number"]));
    },
    async runs() {
      return (await views.runs(undefined)).map((run) => runSummary(run));
    },
    async run({ params }) {
      const run = await views.run(idOf(params["run"]));
      if (run === undefined) throw notFound("run");
      const [units, waits] = await Promise.all([
        views.units(run.id),
        run.state === "queued" ? views.waits(run.pullRequest.id) : undefined,
      ]);
      return runView(run, units, waits?.get(run.id));
    },
    async output({ params, query }) {
      const from = countOf(query("after"), -1) + 1;
      const found = await views.output(idOf(params["run"]), idOf(params["unit"]), from);
      if (found === undefined) throw notFound("output");
      return { ...found, chunks: found.chunks.map(({ seq, text }) => ({ seq, text })) };
    },
    async locks() {
      return (await views.locks()).map(lockView);
    },
  };
}

async function pullRequestDetail(
  services: Services,
  repository: RepositoryRecord,
  number: number,
): Promise<PullRequestDetail> {
  const { forge, views } = services;
  const [head, found] = await Promise.all([
    views.pullRequest(repository.id, number),
    forge !== undefined && repository.vcs === LOCAL_VCS
      ? forgePull(forge, repository.ref, number)
      : undefined,
  ]);
  if (head === undefined && found === undefined) throw notFound("pull request");
  const [detail, local] = await Promise.all([
    stored(services, repository, head, found),
    forge !== undefined && found !== undefined
      ? localForgeView(forge, repository.ref, found)
      : null,
  ]);
  return { ...detail, local };
}

type Stored = Omit<PullRequestDetail, "local">;

/** What the engine knows of it; of one that was opened a moment ago that is nothing yet. */
async function stored(
  services: Services,
  repository: RepositoryRecord,
  head: PullRequestHead | undefined,
  found: ForgePull | undefined,
): Promise<Stored> {
  const view = head?.view ?? found?.view;
  if (view === undefined) throw notFound("pull request");
  const reported =
    head === undefined ? undefined : await services.reports.reported(head.pullRequest.id);
  if (head === undefined || reported === undefined) {
    const updatedAt = found?.pull.updatedAt ?? services.now();
    const summary = summaryView(repository, view, { phases: [], locks: 0, updatedAt });
    const nothing = { dirspaces: [], runs: [], decisions: [] };
    return { ...summary, ...nothing, notice: null, settled: false, comment: null };
  }
  const { id } = head.pullRequest;
  const page = pullRequestPage(services, repository.id, view.number);
  const { snapshot } = reported;
  const shown = commentView(reported, view, page).dirspaces;
  const { notice } = snapshot.pullRequest;
  const [runs, decisions] = await Promise.all([
    services.views.runs(id),
    services.views.decisions(id),
  ]);
  const phases = shown.map((one) => one.phase);
  return {
    ...summaryView(repository, view, { ...head, phases }),
    notice: notice === undefined ? null : noticeView(notice),
    settled: head.settled,
    dirspaces: dirspaceViews(shown, snapshot.dirspaces, (key) => {
      const plan = reported.reports.get(key)?.plan;
      return plan?.outcome === "planned" ? plan.facts : undefined;
    }),
    runs: runs.map((run) => runSummary(run, reported.waits?.get(run.id))),
    decisions: decisions.map(decisionView),
    comment: head.comment ?? null,
  };
}
