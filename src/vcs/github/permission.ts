import type { z } from "zod";
import type { AccountId } from "../../core/ids.ts";
import type { Permission } from "../../core/pull-request.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import type { Looked } from "./looked.ts";
import { permissionSchema, userSchema } from "./schema.ts";

const ROLES: Readonly<Record<string, Permission>> = {
  none: "none",
  read: "read",
  triage: "triage",
  write: "write",
  maintain: "maintain",
  admin: "admin",
};

/** What the account may do here, by its id: GitHub asks by login, and logins change hands (S15). */
export async function readPermission(
  client: GithubClient,
  looked: Looked,
  repo: RepositoryRef,
  account: AccountId,
): Promise<VcsResult<Permission>> {
  const known = looked.login(account);
  if (known !== undefined) {
    // The answer says whose it is: where the name has gone to somebody else, it is looked up again.
    const told = await askFor(client, repo, known);
    if (told.kind === "ok" && told.value.user?.id === account) return ok(permissionOf(told.value));
    if (told.kind !== "ok" && told.kind !== "not_found") return told;
  }
  const user = await client.call(
    repo,
    "GET /user/{account_id}",
    { account_id: account },
    userSchema,
  );
  if (user.kind === "not_found") return ok("none");
  if (user.kind !== "ok") return user;
  looked.keepLogin(account, user.value.login);
  const told = await askFor(client, repo, user.value.login);
  if (told.kind !== "ok") return told;
  // The login changed hands between the two calls.
  if (told.value.user?.id !== account) return ok("none");
  return ok(permissionOf(told.value));
}

function askFor(
  client: GithubClient,
  repo: RepositoryRef,
  username: string,
): Promise<VcsResult<z.infer<typeof permissionSchema>>> {
  const route = `GET ${repositoryPath("/collaborators/{username}/permission")}`;
  return client.call(repo, route, { ...of(repo), username }, permissionSchema);
}

/** Organisations name roles of their own; what such a role allows stands beside it. */
function permissionOf(told: z.infer<typeof permissionSchema>): Permission {
  const role = told.role_name ?? "";
  if (Object.hasOwn(ROLES, role)) return ROLES[role] ?? "none";
  const flags = told.user?.permissions;
  if (flags?.admin === true) return "admin";
  if (flags?.maintain === true) return "maintain";
  if (flags?.push === true) return "write";
  if (flags?.triage === true) return "triage";
  if (flags?.pull === true) return "read";
  return Object.hasOwn(ROLES, told.permission) ? (ROLES[told.permission] ?? "none") : "none";
}
