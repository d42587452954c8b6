import { echo } from "../../base/echo.ts";
import { nearest } from "../../base/nearest.ts";
import { unreachable } from "../../base/unreachable.ts";

/** One term of a match list, such as `approved.all_of`. A list is satisfied by any of its terms. */
export type Match =
  | { readonly kind: "anyone" }
  /** Logins compare without case, as the VCS does. */
  | { readonly kind: "user"; readonly login: string }
  | { readonly kind: "team"; readonly slug: string }
  /** A collaborator with at least this role. */
  | { readonly kind: "role"; readonly role: Role };

export type Role = "read" | "triage" | "write" | "maintain" | "admin";

export const ROLES: readonly Role[] = ["read", "triage", "write", "maintain", "admin"];

/** The older spelling of `role`. */
export const OLD_ROLE_KIND = "repo";

export type ParsedMatch =
  | { readonly kind: "ok"; readonly match: Match }
  | { readonly kind: "error"; readonly message: string; readonly suggestion?: string };

export function parseMatch(text: string): ParsedMatch {
  if (text === "*") return { kind: "ok", match: { kind: "anyone" } };
  const colon = text.indexOf(":");
  const value = text.slice(colon + 1);
  if (colon < 0 || value === "") return unknownTerm(text);
  switch (text.slice(0, colon)) {
    case "user":
      return { kind: "ok", match: { kind: "user", login: value } };
    case "team":
      return { kind: "ok", match: { kind: "team", slug: value } };
    case "role":
    case OLD_ROLE_KIND:
      return role(value);
    default:
      return unknownTerm(text);
  }
}

/** As it is written in a configuration. */
export function printMatch(match: Match): string {
  switch (match.kind) {
    case "anyone":
      return "*";
    case "user":
      return `user:${match.login}`;
    case "team":
      return `team:${match.slug}`;
    case "role":
      return `role:${match.role}`;
    default:
      return unreachable(match);
  }
}

function role(value: string): ParsedMatch {
  const found = ROLES.find((known) => known === value);
  if (found !== undefined) return { kind: "ok", match: { kind: "role", role: found } };
  const near = nearest(value, ROLES);
  return {
    kind: "error",
    message: `\`${echo(value)}\` is no role; the roles are ${ROLES.join(", ")}`,
    ...(near === undefined ? {} : { suggestion: `role:${near}` }),
  };
}

const KINDS = ["user", "team", "role"];

function unknownTerm(text: string): ParsedMatch {
  const colon = text.indexOf(":");
  const kind = colon < 0 ? undefined : nearest(text.slice(0, colon), KINDS);
  const value = text.slice(colon + 1);
  return {
    kind: "error",
    message: `\`${echo(text)}\` is not \`*\`, \`user:<login>\`, \`team:<slug>\` or \`role:<role>\``,
    ...(kind === undefined || value === "" ? {} : { suggestion: `${kind}:${value}` }),
  };
}
