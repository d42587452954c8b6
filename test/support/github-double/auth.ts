import { randomBytes } from "node:crypto";
import { jwtVerify } from "jose";
import { WireError } from "./wire-error.ts";
import type { AccessLevel, Account, Installation, Repository, World } from "./world.ts";
import { roleAtLeast, roleOf } from "./world.ts";

export const TOKEN_LIFE_MS = 60 * 60 * 1000;
/** GitHub refuses app tokens that claim to live longer than ten minutes. */
const APP_TOKEN_SECONDS_MAX = 600;

export type Caller =
  | { readonly kind: "app" }
  | {
      readonly kind: "installation";
      readonly installation: Installation;
      readonly repositories: ReadonlySet<number> | undefined;
      readonly permissions: Readonly<Record<string, AccessLevel>>;
    }
  | { readonly kind: "user"; readonly account: Account };

function badCredentials(): WireError {
  return new WireError(401, "Bad credentials");
}

/** Who calls; an unknown, revoked or expired token is nobody, never somebody else. */
export async function authenticate(world: World, header: string | undefined): Promise<Caller> {
  if (header === undefined) throw new WireError(401, "Requires authentication");
  const [scheme = "", value = ""] = header.split(" ", 2);
  if (!/^(?:bearer|token)$/i.test(scheme) || value === "") throw badCredentials();
  if (value.split(".").length === 3 && !value.startsWith("ghs_"))
    return await verifyApp(world, value);
  return callerOf(world, value);
}

/** The account or installation behind a token. */
export function callerOf(world: World, value: string): Caller {
  const token = world.tokens.get(value);
  if (token === undefined) throw badCredentials();
  if (token.expiresAt !== undefined && token.expiresAt <= world.now()) {
    world.tokens.delete(value);
    throw badCredentials();
  }
  if (token.kind === "user") return { kind: "user", account: token.account };
  if (token.installation.suspendedAt !== undefined) {
    throw new WireError(403, "This installation has been suspended");
  }
  const { installation, repositories, permissions } = token;
  return { kind: "installation", installation, repositories, permissions };
}

async function verifyApp(world: World, token: string): Promise<Caller> {
  const unreadable = new WireError(401, "A JSON web token could not be decoded");
  const verified = await jwtVerify(token, world.app.publicKey, {
    algorithms: ["RS256"],
    // Whoever signs them looks at a clock of their own, also where the double's is driven by a test.
    currentDate: world.clockIsDriven ? new Date() : world.now(),
    clockTolerance: 60,
  }).catch(() => undefined);
  if (verified === undefined) throw unreadable;
  const { iss, iat, exp } = verified.payload;
  if (String(iss) !== String(world.app.id) && iss !== world.app.clientId) {
    throw new WireError(404, "Integration not found");
  }
  if (iat === undefined || exp === undefined || exp - iat > APP_TOKEN_SECONDS_MAX + 60) {
    throw new WireError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  return { kind: "app" };
}

export interface TokenWish {
  readonly repositories: ReadonlySet<number> | undefined;
  readonly permissions: Readonly<Record<string, AccessLevel>>;
}

/** The new long form of installation tokens: a prefix and a JWT, about 500 characters. */
export function mintInstallationToken(
  world: World,
  installation: Installation,
  wish: TokenWish,
): { readonly token: string; readonly expiresAt: Date } {
  const token = `ghs_${world.app.id}_${randomBytes(370).toString("base64url")}`;
  const expiresAt = new Date(world.now().getTime() + TOKEN_LIFE_MS);
  world.tokens.set(token, { kind: "installation", installation, ...wish, expiresAt });
  return { token, expiresAt };
}

export interface Needs {
  /** Any one of these app permissions will do. */
  readonly permissions: readonly string[];
  readonly level: AccessLevel;
}

/** Role a person needs where an app needs this permission for writing; reading needs `read`. */
const ROLE_TO_WRITE: Readonly<Record<string, "read" | "write" | "admin" | undefined>> = {
  actions: "write",
  contents: "write",
  issues: "read",
  pull_requests: "read",
  statuses: "write",
};

/** Throws what GitHub answers to somebody who may not do this: 404 hides what he may not even see. */
export function authorize(
  world: World,
  caller: Caller,
  repository: Repository,
  needs: Needs,
): void {
  const hidden = new WireError(404, "Not Found");
  switch (caller.kind) {
    case "app":
      throw new WireError(401, "Requires authentication");
    case "installation": {
      const { installation } = caller;
      const installed =
        installation.account.id === repository.owner.id &&
        (installation.repositories === undefined || installation.repositories.has(repository.id)) &&
        (caller.repositories === undefined || caller.repositories.has(repository.id));
      if (!installed) throw hidden;
      const granted = needs.permissions.some((name) => {
        const level = name === "metadata" ? "read" : caller.permissions[name];
        return level === "write" || level === needs.level;
      });
      if (!granted) throw new WireError(403, "Resource not accessible by integration");
      return;
    }
    case "user": {
      const role = roleOf(world, repository, caller.account);
      if (role === undefined) throw hidden;
      if (needs.level === "read") return;
      const enough = needs.permissions.some((name) => {
        const wanted = ROLE_TO_WRITE[name];
        return wanted !== undefined && roleAtLeast(role, wanted);
      });
      if (!enough) throw new WireError(403, "Must have write access to this repository.");
    }
  }
}

/** In whose name the call acts. */
export function actor(world: World, caller: Caller): Account {
  return caller.kind === "user" ? caller.account : world.app.bot;
}
