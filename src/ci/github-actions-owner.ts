import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import type { RepositoryRef, VcsFailure } from "../ports/vcs.ts";
import { type ActionsApi, repositoryPath } from "./github-actions-api.ts";

/** A repository hardly ever changes its owner: one that is known matches without a call for this long. */
const KEPT_MS = 10 * 60_000;
const REPOSITORIES_MAX = 10_000;

const repositorySchema = z.object({
  owner: z.object({ id: z.union([z.number(), z.bigint()]).transform(String) }),
});

type Checked =
  | { readonly kind: "ok" }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "unavailable"; readonly message: string };

export interface Owners {
  /** Whether the repository belongs to this account, by ids. */
  check(repository: RepositoryRef, ownerId: string): Promise<Checked>;
}

/** Who owns a repository, from GitHub: read again when the answer is old or does not fit. */
export function createOwners(api: ActionsApi, now: () => Instant): Owners {
  const known = new Map<string, { readonly owner: string; readonly at: Instant }>();
  return {
    async check(repository, ownerId) {
      const kept = known.get(repository.id);
      if (kept?.owner === ownerId && now() - kept.at < KEPT_MS) return { kind: "ok" };
      const owner = await readOwner(api, repository);
      if (typeof owner !== "string") return { kind: "unavailable", message: owner.message };
      if (known.size >= REPOSITORIES_MAX) known.clear();
      known.set(repository.id, { owner, at: now() });
      if (owner === ownerId) return { kind: "ok" };
      return { kind: "refused", because: "its repository belongs to another owner" };
    },
  };
}

async function readOwner(api: ActionsApi, repository: RepositoryRef): Promise<string | VcsFailure> {
  const wanted = { repository_id: repository.id };
  const answer = await api.send(repository, `GET ${repositoryPath("")}`, wanted, "permits");
  if (answer.kind !== "ok") return answer;
  const parsed = repositorySchema.safeParse(answer.value.data);
  if (parsed.success) return parsed.data.owner.id;
  const message = "GitHub's answer about the repository's owner cannot be read.";
  return { kind: "unavailable", message, retryAfterMs: undefined };
}
