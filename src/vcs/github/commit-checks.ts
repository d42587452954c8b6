import type { CommitSha } from "../../core/ids.ts";
import type { CommitCheck } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { checkPageSchema, statusPageSchema } from "./schema.ts";

/** GitHub lets a pull request merge with these. */
const PASSED: ReadonlySet<string> = new Set(["success", "neutral", "skipped"]);

/** Check runs and the older statuses: two lists, and people mean both when they say checks. */
export async function readChecks(
  client: GithubClient,
  appId: number,
  repo: RepositoryRef,
  commit: CommitSha,
): Promise<VcsResult<readonly CommitCheck[]>> {
  const at = { ...of(repo), ref: commit };
  const [runs, statuses] = await Promise.all([
    client.pages(
      repo,
      `GET ${repositoryPath("/commits/{ref}/check-runs")}`,
      { ...at, filter: "latest" },
      checkPageSchema,
    ),
    client.pages(repo, `GET ${repositoryPath("/commits/{ref}/status")}`, at, statusPageSchema),
  ]);
  if (runs.kind !== "ok") return runs;
  if (statuses.kind !== "ok") return statuses;
  const latest = new Map<string, (typeof runs.value)[number]>();
  for (const run of runs.value) {
    if (run.app?.id === String(appId)) continue;
    // A workflow that was started again has a suite of its own: of each name the newest counts, per app.
    const key = `${run.app?.id ?? ""}:${run.name}`;
    const known = latest.get(key);
    if (known === undefined || BigInt(known.id) < BigInt(run.id)) latest.set(key, run);
  }
  return ok([
    ...[...latest.values()].map(({ name, status, conclusion }) => ({
      name,
      state: status === "completed" ? endedAs(conclusion) : ("pending" as const),
    })),
    ...statuses.value.map(({ context, state }) => ({
      name: context,
      state: state === "pending" ? ("pending" as const) : endedAs(state),
    })),
  ]);
}

export function endedAs(conclusion: string | null): CommitCheck["state"] {
  return PASSED.has(conclusion ?? "") ? "passed" : "failed";
}
