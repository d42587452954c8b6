import { z } from "zod";
import type { FoundRepository, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";

const installationSchema = z.object({ id: z.number().int() });
const repositorySchema = z.object({
  id: z.number().int(),
  full_name: z.string(),
  default_branch: z.string(),
});

/** Two names and nothing that could lead elsewhere. */
const NAME = /^([A-Za-z0-9-]{1,100})\/([A-Za-z0-9._-]{1,100})$/;

/** The repository of that name, where the app is installed on it. */
export async function lookUpRepository(
  client: GithubClient,
  fullName: string,
): Promise<VcsResult<FoundRepository>> {
  const [, owner = "", repo = ""] = NAME.exec(fullName) ?? [];
  if (owner === "" || repo === "." || repo === "..") {
    const message = `${JSON.stringify(fullName)} is no repository of GitHub; write it as OWNER/NAME.`;
    return { kind: "not_found", message };
  }
  const called = { owner, repo };
  const route = "GET /repos/{owner}/{repo}/installation";
  const installed = await client.call("app", route, called, installationSchema);
  if (installed.kind === "not_found") {
    const message = `The app is not installed on ${fullName}, or there is no such repository.`;
    return { kind: "not_found", message };
  }
  if (installed.kind !== "ok") return installed;
  const installation = String(installed.value.id);
  const found = await client.call(
    { installation },
    "GET /repos/{owner}/{repo}",
    called,
    repositorySchema,
  );
  if (found.kind !== "ok") return found;
  const { id, full_name: name, default_branch: defaultBranch } = found.value;
  return ok({ ref: { installation, id: String(id), fullName: name }, defaultBranch });
}
