import type { InstallationState } from "../../core/standing.ts";
import type { RepositoryStanding } from "../../ports/standing-store.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { installationSchema, standingSchema } from "./schema.ts";

/** The app itself asks: nobody else hears of an installation that is suspended or gone. */
export async function readInstallation(
  client: GithubClient,
  installation: string,
): Promise<VcsResult<InstallationState>> {
  const route = "GET /app/installations/{installation_id}";
  const wanted = { installation_id: installation };
  const found = await client.call("app", route, wanted, installationSchema);
  if (found.kind === "not_found") return ok("removed");
  if (found.kind !== "ok") return found;
  return ok(found.value.suspended_at == null ? "active" : "suspended");
}

/** By its id, which stays when it is renamed or moves to another owner. */
export async function readStanding(
  client: GithubClient,
  repo: RepositoryRef,
): Promise<VcsResult<RepositoryStanding>> {
  const here = await readHere(client, repo);
  if (here.kind !== "not_found" && here.kind !== "forbidden") return here;
  const route = `GET ${repositoryPath("/installation")}`;
  const covering = await client.call("app", route, of(repo), installationSchema);
  if (covering.kind === "not_found") return ok({ kind: "gone" });
  if (covering.kind !== "ok") return covering;
  const { id } = covering.value;
  return id === repo.installation ? here : await readHere(client, { ...repo, installation: id });
}

async function readHere(
  client: GithubClient,
  repo: RepositoryRef,
): Promise<VcsResult<RepositoryStanding>> {
  const found = await client.call(repo, `GET ${repositoryPath("")}`, of(repo), standingSchema);
  if (found.kind !== "ok") return found;
  const { full_name: fullName, default_branch: defaultBranch, archived } = found.value;
  return ok({ kind: "here", installation: repo.installation, fullName, defaultBranch, archived });
}
