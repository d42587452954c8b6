import { queryOptions } from "@tanstack/react-query";
import { ask } from "./ask.ts";

/** Everything the pages show, by key. A `changed` event invalidates by these keys (see live.tsx). */

export const serverQuery = () =>
  queryOptions({
    queryKey: ["server"],
    queryFn: () => ask("server", {}),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const repositoriesQuery = () =>
  queryOptions({ queryKey: ["repositories"], queryFn: () => ask("repositories", {}) });

export const pullRequestsQuery = () =>
  queryOptions({ queryKey: ["pulls"], queryFn: () => ask("pullRequests", {}) });

export const pullRequestQuery = (repository: string, number: number) =>
  queryOptions({
    queryKey: ["pull", repository, number],
    queryFn: () => ask("pullRequest", { repository, number }),
  });

/** Where it stands, and why: of one dirspace, directory or path, or of the pull request. */
export const whyQuery = (repository: string, number: number, dirspace: string | undefined) =>
  queryOptions({
    queryKey: ["why", repository, number, dirspace ?? ""],
    queryFn: () =>
      ask("why", { repository, number, ...(dirspace === undefined ? {} : { dirspace }) }),
  });

/** Of one head commit, so it is fetched once and then not with every change of the pull request. */
export const diffQuery = (repository: string, number: number, headSha: string) =>
  queryOptions({
    queryKey: ["diff", repository, number, headSha],
    queryFn: () => ask("diff", { repository, number }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const runsQuery = () => queryOptions({ queryKey: ["runs"], queryFn: () => ask("runs", {}) });

export const runQuery = (run: string) =>
  queryOptions({ queryKey: ["run", run], queryFn: () => ask("run", { run }) });

/** Read live from the VCS, whose budget is limited. */
export const configurationQuery = (repository: string) =>
  queryOptions({
    queryKey: ["configuration", repository],
    queryFn: () => ask("configuration", { repository }),
    staleTime: 30_000,
  });

export const locksQuery = () =>
  queryOptions({ queryKey: ["locks"], queryFn: () => ask("locks", {}) });
