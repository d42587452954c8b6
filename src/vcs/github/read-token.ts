import { z } from "zod";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";

const tokenSchema = z.object({ token: z.string().min(1) });

/** An installation token that reads the contents of one repository; what the app may do besides stays out of it. */
export async function readToken(
  client: GithubClient,
  repo: RepositoryRef,
): Promise<VcsResult<string>> {
  const answer = await client.call(
    "app",
    "POST /app/installations/{installation_id}/access_tokens",
    {
      installation_id: repo.installation,
      repository_ids: [Number(repo.id)],
      permissions: { contents: "read" },
    },
    tokenSchema,
  );
  return answer.kind === "ok" ? ok(answer.value.token) : answer;
}
