import { createPrivateKey, randomBytes } from "node:crypto";
import { unreachable } from "../../base/unreachable.ts";
import type { AddAppBody, AppView } from "../../contract/apps.ts";
import type { AppRefused, AppResult } from "../../http/apps.ts";
import type { AppRecord } from "../../ports/app-store.ts";
import { GITHUB_COM, type GithubHost, githubHost } from "../../vcs/github/app/hosts.ts";
import { readSelf } from "../../vcs/github/app/look.ts";
import { UPGRADES } from "../../vcs/github/app/permissions.ts";
import { connectGithub } from "../github.ts";
import { registeredView } from "./app-view.ts";
import { ENVIRONMENT_KEY, KEY, sealPurpose } from "./connections.ts";
import type { RegistryParts } from "./registry.ts";

const SECRET_BYTES = 32;
const KEYS_MAX = 1_000;

export function refused(
  status: AppRefused["status"],
  code: string,
  message: string,
  next?: string,
): AppRefused {
  return { kind: "refused", status, code, message, ...(next === undefined ? {} : { next }) };
}

export function hostOf(named: string | undefined): GithubHost | AppRefused {
  if (named === undefined) return GITHUB_COM;
  const host = githubHost(named);
  return typeof host === "string" ? refused(400, "BAD_HOST", host) : host;
}

export function unknownUpgrade(upgrades: readonly string[]): AppRefused | undefined {
  const unknown = upgrades.find((name) => !UPGRADES.some((one) => one.name === name));
  if (unknown === undefined) return undefined;
  const all = UPGRADES.map(({ name }) => name).join(", ");
  return refused(400, "UNKNOWN_UPGRADE", `There is no upgrade ${unknown}.`, `There are: ${all}.`);
}

/** The first one that nobody has or had: `github`, `github-2`, … */
export async function freeKey({ store, environment }: RegistryParts): Promise<string> {
  const taken = await store.takenKeys();
  for (let number = 1; number < KEYS_MAX; number++) {
    const key = number === 1 ? ENVIRONMENT_KEY : `${ENVIRONMENT_KEY}-${number}`;
    const isEnvironments = key === ENVIRONMENT_KEY && environment !== undefined;
    if (!taken.has(key) && !isEnvironments) return key;
  }
  return `${ENVIRONMENT_KEY}-${randomBytes(8).toString("hex")}`;
}

/** Registers an App that exists: GitHub has to know the key before it is stored. */
export async function addApp(parts: RegistryParts, wish: AddAppBody): Promise<AppResult<AppView>> {
  const host = hostOf(wish.host);
  if ("kind" in host) return host;
  const wrong = unknownUpgrade(wish.upgrades ?? []) ?? wrongWithKeys(wish);
  if (wrong !== undefined) return wrong;
  const { appId, privateKey, webhookSecrets, workflows, jobWorkflows, issuer } = wish;
  const self = await readSelf(
    connectGithub("new", {
      appId: Number(appId),
      privateKey,
      webhookSecrets,
      apiUrl: host.apiUrl,
      workflows,
      jobWorkflows,
      issuer,
    }).client,
  );
  if (self.kind === "unavailable") return refused(503, "UNAVAILABLE", self.message);
  if (self.kind !== "ok") {
    const next = "Compare the App's id, and generate a new private key on its page.";
    return refused(409, "APP_REFUSED", self.message, next);
  }
  const { slug, name, url, owner } = self.value;
  const record: AppRecord = {
    key: wish.key ?? (await freeKey(parts)),
    vcs: ENVIRONMENT_KEY,
    webUrl: host.webUrl,
    apiUrl: host.apiUrl,
    appId,
    slug,
    name,
    owner: owner?.login,
    htmlUrl: url,
    settings: { workflows, jobWorkflows, issuer, upgrades: wish.upgrades ?? [] },
    createdBy: parts.actor,
  };
  return await storeApp(parts, record, { privateKey, webhookSecrets });
}

function wrongWithKeys({ key, privateKey }: AddAppBody): AppRefused | undefined {
  if (key !== undefined && !KEY.test(key)) {
    const message = `${key} is no key for an app: it has to be ${ENVIRONMENT_KEY}, or begin with ${ENVIRONMENT_KEY}-.`;
    return refused(400, "BAD_KEY", message);
  }
  try {
    if (createPrivateKey(privateKey).asymmetricKeyType === "rsa") return undefined;
  } catch {
    // What OpenSSL says of it helps nobody.
  }
  const next =
    "It is the file that GitHub downloads, and begins with -----BEGIN RSA PRIVATE KEY-----.";
  return refused(400, "BAD_PRIVATE_KEY", "The private key is no RSA key in PEM.", next);
}

export interface PlainSecrets {
  readonly privateKey: string;
  readonly webhookSecrets: readonly string[];
}

export async function storeApp(
  parts: RegistryParts,
  app: AppRecord,
  secrets: PlainSecrets,
): Promise<AppResult<AppView>> {
  const { store, sealer, connections, environment, log } = parts;
  const { key, apiUrl, appId } = app;
  const twin = environment?.apiUrl === apiUrl && String(environment.appId) === appId;
  if (twin) return appKnown(ENVIRONMENT_KEY);
  if (key === ENVIRONMENT_KEY && environment !== undefined) return keyTaken(key);
  const added = await store.add(app, {
    sealedBy: sealer.keyId,
    privateKey: sealer.seal(secrets.privateKey, sealPurpose(app, "private key")),
    webhookSecrets: sealer.seal(
      JSON.stringify(secrets.webhookSecrets),
      sealPurpose(app, "webhook secrets"),
    ),
  });
  switch (added.kind) {
    case "app_known":
      return appKnown(added.key);
    case "key_taken":
      return keyTaken(key);
    case "added":
      break;
    default:
      return unreachable(added);
  }
  log.info({ app: key, api: apiUrl, appId }, "an app was registered");
  await connections.refresh();
  const found = connections.registered().find((one) => one.app.key === key);
  if (found === undefined) return refused(409, "REMOVED", `The app ${key} was removed meanwhile.`);
  return { kind: "ok", value: registeredView(found, parts.serverUrl) };
}

function keyTaken(key: string): AppRefused {
  const message = `The key ${key} belongs to another app, or to one of another host before.`;
  return refused(409, "KEY_TAKEN", message, "Leave the key out, or choose another one.");
}

function appKnown(key: string): AppRefused {
  const message = `This App is here already, as ${key}.`;
  const next = `\`terrane apps check ${key}\` says how it stands. To give it new secrets, remove it first.`;
  return refused(409, "APP_KNOWN", message, next);
}

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("hex");
}
