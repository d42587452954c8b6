import { createHash, randomBytes } from "node:crypto";
import type {
  AppOfferView,
  AppPermissionView,
  AppView,
  BeginAppBody,
  BegunAppView,
} from "../../contract/apps.ts";
import type { AppResult } from "../../http/apps.ts";
import type { SetupWish } from "../../ports/app-store.ts";
import { convertManifest } from "../../vcs/github/app/conversion.ts";
import { canReach, GITHUB_COM, type GithubHost } from "../../vcs/github/app/hosts.ts";
import { appManifest, MANIFEST_MINUTES, registrationUrl } from "../../vcs/github/app/manifest.ts";
import { EVENTS, PERMISSIONS, UPGRADES } from "../../vcs/github/app/permissions.ts";
import { USER_AGENT } from "../github.ts";
import { freeKey, hostOf, newSecret, refused, storeApp, unknownUpgrade } from "./adding.ts";
import { FORGE } from "./app-view.ts";
import { ENVIRONMENT_KEY } from "./connections.ts";
import type { RegistryParts } from "./registry.ts";

const STATE_BYTES = 32;
const MINUTE_MS = 60_000;
/** Somebody else may take the same key in the same moment. */
const BEGIN_TRIES = 5;

/** What registering an App asks of a person. */
export function offer(
  { serverUrl }: RegistryParts,
  named: string | undefined,
): AppResult<AppOfferView> {
  const host = hostOf(named);
  if ("kind" in host) return host;
  return {
    kind: "ok",
    value: {
      forge: FORGE,
      host: GITHUB_COM.webUrl,
      ownHost: "GitHub Enterprise",
      permissions: [...PERMISSIONS],
      events: [...EVENTS],
      upgrades: UPGRADES.map((one) => ({
        ...one,
        permissions: [...one.permissions] satisfies AppPermissionView[],
        events: [...one.events],
      })),
      serverUrl,
      warning: canReach(host, serverUrl) ? null : unreachableFrom(host, serverUrl),
    },
  };
}

function unreachableFrom({ webUrl }: GithubHost, serverUrl: string): string {
  return `${webUrl} cannot reach ${serverUrl}, so the App is made without a webhook. Start the server with TERRANE_URL set to an address that it can reach, or bring webhooks here with a relay.`;
}

/** Prepares the form with which the browser goes to GitHub. */
export async function begin(
  parts: RegistryParts,
  caller: string,
  wish: BeginAppBody,
): Promise<AppResult<BegunAppView>> {
  const host = hostOf(wish.host);
  if ("kind" in host) return host;
  const upgrades = [...new Set(wish.upgrades)];
  const wrong = unknownUpgrade(upgrades);
  if (wrong !== undefined) return wrong;
  const { serverUrl, store } = parts;
  const withWebhook = canReach(host, serverUrl);
  const { webUrl, apiUrl } = host;
  const setup: SetupWish = { webUrl, apiUrl, upgrades, withWebhook };
  const state = randomBytes(STATE_BYTES).toString("base64url");
  for (let tried = 0; tried < BEGIN_TRIES; tried++) {
    const key = await freeKey(parts);
    const begun = await store.begin(
      { stateHash: hash(state), callerHash: hash(caller), key, wish: setup },
      MANIFEST_MINUTES * MINUTE_MS,
    );
    if (!begun) continue;
    const manifest = appManifest({ name: wish.name, key, serverUrl, upgrades, withWebhook });
    const action = registrationUrl(host, wish.organization, state);
    const fields = [{ name: "manifest", value: JSON.stringify(manifest) }];
    return { kind: "ok", value: { key, action, fields, minutes: MANIFEST_MINUTES } };
  }
  return refused(
    503,
    "UNAVAILABLE",
    "Several apps are being registered.",
    "Try again in a moment.",
  );
}

/** Exchanges what GitHub sent the browser back with for the App, and keeps it. */
export async function complete(
  parts: RegistryParts,
  caller: string,
  { code, state }: { readonly code: string; readonly state: string },
): Promise<AppResult<AppView>> {
  const begun = await parts.store.take(hash(state), hash(caller));
  if (begun === undefined) {
    return refused(
      409,
      "UNKNOWN_STATE",
      `No registration that this session began fits: it was completed already, began more than ${MANIFEST_MINUTES} minutes ago, or in another session.`,
      "Begin again. If GitHub has made an App meanwhile, delete it there.",
    );
  }
  const { key, wish } = begun;
  const { apiUrl, webUrl } = wish;
  const converted = await convertManifest({ apiUrl, userAgent: USER_AGENT }, code);
  if (converted.kind !== "ok") {
    const next = "Begin again. If GitHub has made an App meanwhile, delete it there.";
    const status = converted.kind === "unavailable" ? 503 : 409;
    return refused(status, "NOT_CONVERTED", converted.message, next);
  }
  const { privateKey, webhookSecret, ...app } = converted.value;
  const settings = { upgrades: wish.upgrades };
  const record = { ...app, key, vcs: ENVIRONMENT_KEY, webUrl, apiUrl, settings };
  return await storeApp(
    parts,
    { ...record, createdBy: parts.actor },
    { privateKey, webhookSecrets: [webhookSecret ?? newSecret()] },
  );
}

function hash(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
