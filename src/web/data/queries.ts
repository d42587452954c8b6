import { queryOptions } from "@tanstack/react-query";
import { ask } from "./ask.ts";

/** The place of a run in the queue changes with other pull requests, of which nobody tells its page. */
const QUEUE_MS = 10_000;
/** Failures are rare, and the bar of every page counts them. */
const SET_ASIDE_MS = 60_000;

/** It changes with every call, and nobody tells of those. */
const BUDGET_MS = 5_000;
/** A person who comes back from the forge sees what has changed there. */
const APP_CHECK_MS = 10_000;

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
    refetchInterval: ({ state }) =>
      state.data?.runs.some(({ wait }) => wait !== undefined) ? QUEUE_MS : false,
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
  queryOptions({
    queryKey: ["run", run],
    queryFn: () => ask("run", { run }),
    refetchInterval: ({ state }) => (state.data?.wait === undefined ? false : QUEUE_MS),
  });

/** Webhooks that belong to no pull request change it too, and nobody tells of those. */
export const setupQuery = (repository: string) =>
  queryOptions({
    queryKey: ["setup", repository],
    queryFn: () => ask("setup", { repository }),
    refetchInterval: ({ state }) => (state.data?.planned === true ? false : QUEUE_MS),
  });

/** Read live from the VCS, whose budget is limited. */
export const configurationQuery = (repository: string) =>
  queryOptions({
    queryKey: ["configuration", repository],
    queryFn: () => ask("configuration", { repository }),
    staleTime: 30_000,
  });

export const locksQuery = () =>
  queryOptions({ queryKey: ["locks"], queryFn: () => ask("locks", {}) });

export const appsQuery = () => queryOptions({ queryKey: ["apps"], queryFn: () => ask("apps", {}) });

export const appOfferQuery = (host: string | undefined) =>
  queryOptions({
    queryKey: ["app-offer", host ?? ""],
    queryFn: () => ask("appOffer", host === undefined ? {} : { host }),
    staleTime: Number.POSITIVE_INFINITY,
    // An address that is half typed is no address yet.
    retry: false,
  });

/** Asks the forge, so it is asked again by itself only while somebody is likely to mend something there. */
export const appCheckQuery = (key: string) =>
  queryOptions({
    queryKey: ["app-check", key],
    queryFn: () => ask("checkApp", { key }),
    staleTime: 5_000,
    refetchInterval: ({ state }) => (state.data?.ok === false ? APP_CHECK_MS : false),
  });

/** What is left of what VCSs let us ask; it costs them nothing to be shown. */
export const budgetQuery = () =>
  queryOptions({
    queryKey: ["budget"],
    queryFn: () => ask("budget", {}),
    refetchInterval: BUDGET_MS,
  });

/** What failed for good, newest first. */
export const setAsideQuery = () =>
  queryOptions({
    queryKey: ["set-aside"],
    queryFn: () => ask("setAside", {}),
    refetchInterval: SET_ASIDE_MS,
    staleTime: 10_000,
  });
