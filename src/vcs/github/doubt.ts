import type { Doubt } from "../../ports/standing-store.ts";
import { installationHookSchema, repositoryHookSchema } from "./hook-schema.ts";

/** What an installation may have become another by. */
const INSTALLATION_ACTIONS: ReadonlySet<string> = new Set([
  "created",
  "deleted",
  "suspend",
  "unsuspend",
  "new_permissions_accepted",
]);

/** What a repository may have become another by: its name, owner, default branch, or whether it is there. */
const REPOSITORY_ACTIONS: ReadonlySet<string> = new Set([
  "renamed",
  "transferred",
  "archived",
  "unarchived",
  "deleted",
  "edited",
  "privatized",
  "publicized",
]);

/** Undefined: the event is about something else. */
export function doubtIn(
  name: string,
  action: string | undefined,
  payload: unknown,
): Doubt | "unreadable" | undefined {
  switch (name) {
    case "installation":
      return INSTALLATION_ACTIONS.has(action ?? "") ? ofInstallation(payload, true) : undefined;
    case "installation_repositories":
      return action === "added" || action === "removed"
        ? ofInstallation(payload, false)
        : undefined;
    case "repository":
      return REPOSITORY_ACTIONS.has(action ?? "") ? ofRepository(payload) : undefined;
    default:
      return undefined;
  }
}

function ofInstallation(payload: unknown, whole: boolean): Doubt | "unreadable" {
  const parsed = installationHookSchema.safeParse(payload);
  if (!parsed.success) return "unreadable";
  const { installation, repositories, repositories_added, repositories_removed } = parsed.data;
  const named = [...repositories, ...repositories_added, ...repositories_removed];
  return { installation: installation.id, whole, repositories: named.map(({ id }) => id) };
}

/** A repository that was moved away is told of by its new owner's installation, if that is ours as well. */
function ofRepository(payload: unknown): Doubt | "unreadable" {
  const parsed = repositoryHookSchema.safeParse(payload);
  if (!parsed.success) return "unreadable";
  const { installation, repository } = parsed.data;
  return { installation: installation?.id ?? "", whole: false, repositories: [repository.id] };
}
