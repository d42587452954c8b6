import { z } from "zod";
import type { Credential, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok } from "./client.ts";

const RENEW =
  "Rotate it in GitLab (Settings, Access tokens), put the new one into GITLAB_TOKEN or its file, and start the server again.";

/** Of a personal token, and of those of groups and projects, which belong to an account of their own. */
const tokenSchema = z.object({
  name: z.string().max(255).nullish(),
  /** A day: the token is taken until that begins, in UTC. */
  expires_at: z.iso.date().nullish(),
});

/** The token that this server has, as GitLab knows it. */
export async function readCredential(client: GitlabClient): Promise<VcsResult<Credential>> {
  const request = { method: "GET", path: "/personal_access_tokens/self" } as const;
  const answer = await client.call(request, tokenSchema);
  switch (answer.kind) {
    case "ok": {
      const { name, expires_at: day } = answer.value;
      const endsAt = day == null ? undefined : Date.parse(`${day}T00:00:00Z`);
      const called = name == null ? "The GitLab token" : `The GitLab token “${name}”`;
      return ok({ name: called, renew: RENEW, state: { kind: "good", endsAt } });
    }
    case "forbidden": {
      if (answer.status !== 401) return ok(UNKNOWN);
      const message = "GitLab does not take the token: it has expired or was revoked.";
      return ok({ ...UNKNOWN, state: { kind: "refused", message } });
    }
    // Before 15.5 nobody says it.
    case "not_found":
      return ok(UNKNOWN);
    default:
      return answer;
  }
}

const UNKNOWN: Credential = {
  name: "The GitLab token",
  renew: RENEW,
  state: { kind: "good", endsAt: undefined },
};
