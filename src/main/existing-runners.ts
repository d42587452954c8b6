import type { ExistingRunnerRoute } from "../http/app.ts";
import { KEY } from "./apps/connections.ts";
import type { Config } from "./config.ts";

const BASES: ReadonlyMap<string, string> = new Map([
  ["github", "/api/github"],
  ["gitlab", "/api/gitlab"],
]);

/** Where existing runners ask, as their base URLs have it. They are told the base with the dispatch of a job. */
export const EXISTING_RUNNERS: readonly ExistingRunnerRoute[] = [
  ...[...BASES].map(([vcs, base]) => ({ vcs, base })),
  // The apps that were registered beside the first one.
  { vcs: undefined, base: "/api/:vcs{github-[a-z0-9-]+}" },
];

/** By VCS; nothing where they are switched off. Jobs that have begun may still report then. */
export function existingRunners(
  { compatibleRunners }: Pick<Config, "compatibleRunners">,
  serverUrl: string,
): { get(vcs: string): string | undefined } {
  return {
    get(vcs) {
      if (!compatibleRunners) return undefined;
      const base = BASES.get(vcs) ?? (KEY.test(vcs) ? `/api/${vcs}` : undefined);
      return base === undefined ? undefined : `${serverUrl}${base}`;
    },
  };
}
