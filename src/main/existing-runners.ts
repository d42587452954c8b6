import type { ExistingRunnerRoute } from "../http/app.ts";
import type { Config } from "./config.ts";

/** Where existing runners ask, as their base URLs have it. They are told the base with the dispatch of a job. */
export const EXISTING_RUNNERS: readonly ExistingRunnerRoute[] = [
  { vcs: "github", base: "/api/github" },
  { vcs: "gitlab", base: "/api/gitlab" },
];

/** By VCS; empty where they are switched off. Jobs that have begun may still report then. */
export function existingRunners(
  { compatibleRunners }: Pick<Config, "compatibleRunners">,
  serverUrl: string,
): ReadonlyMap<string, string> {
  if (!compatibleRunners) return new Map();
  return new Map(EXISTING_RUNNERS.map(({ vcs, base }) => [vcs, `${serverUrl}${base}`]));
}
