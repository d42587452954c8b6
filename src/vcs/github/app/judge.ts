import type { AppDelivery, AppFacts, AppHook, AppInstallation, AppSelf } from "./look.ts";
import {
  isGranted,
  UPGRADES,
  type WantedEvent,
  type WantedPermission,
  wanted,
} from "./permissions.ts";

/** One thing looked at. `missing` keeps Terrane from its work, `note` is worth knowing, `unknown` could not be found out. */
export interface AppFinding {
  readonly name: string;
  readonly state: "ok" | "missing" | "note" | "unknown";
  readonly title: string;
  readonly detail: string;
  readonly next: string | undefined;
  /** Where to do it. */
  readonly url: string | undefined;
}

export interface Expected {
  readonly key: string;
  readonly webUrl: string;
  readonly webhookUrl: string;
  /** What was chosen beyond the least. */
  readonly upgrades: readonly string[];
}

/** What of all this is as it has to be, and what to do about the rest. */
export function judgeApp(facts: AppFacts, expected: Expected): readonly AppFinding[] {
  const { self } = facts;
  if (self.kind !== "ok") return [refusedKey(self.message, self.kind === "unavailable", expected)];
  const upgrades = upgradesOf(self.value, expected.upgrades);
  const want = wanted(upgrades);
  const settings = settingsUrl(self.value, expected.webUrl);
  return [
    {
      name: "credentials",
      state: "ok",
      title: "Credentials",
      detail: `GitHub knows this key as the App ${self.value.name} (${self.value.id}).`,
      next: undefined,
      url: self.value.url,
    },
    permissionsFinding(self.value, want.permissions, settings),
    eventsFinding(self.value, want.events, settings),
    ...excessFinding(self.value, want.permissions, settings),
    webhookFinding(facts.hook, expected, settings),
    deliveriesFinding(facts.deliveries, settings),
    ...installationFindings(facts.installations, want.permissions, self.value),
  ];
}

/** Those that were chosen, and those that the App may do anyway. */
export function upgradesOf(self: AppSelf, chosen: readonly string[]): readonly string[] {
  const more = UPGRADES.filter(
    ({ permissions }) =>
      permissions.length > 0 && permissions.every((one) => isGranted(one, self.permissions)),
  );
  return [...new Set([...chosen, ...more.map(({ name }) => name)])];
}

function missingOf(
  { permissions }: Pick<AppSelf, "permissions">,
  want: readonly WantedPermission[],
): readonly WantedPermission[] {
  return want.filter((one) => !isGranted(one, permissions));
}

/** What an installation has not accepted; what the App does not ask for, nobody can accept. */
export function notAccepted(
  self: AppSelf,
  installation: Pick<AppInstallation, "permissions">,
  want: readonly WantedPermission[],
): readonly WantedPermission[] {
  return missingOf(installation, want).filter((one) => isGranted(one, self.permissions));
}

/** Where whoever owns the App changes it. */
export function settingsUrl({ owner, slug }: AppSelf, webUrl: string): string {
  const of = owner?.isOrganization === true ? `/organizations/${owner.login}` : "";
  return `${webUrl}${of}/settings/apps/${slug}`;
}

export function installUrl(url: string): string {
  return `${url}/installations/new`;
}

function refusedKey(message: string, isAway: boolean, { key }: Expected): AppFinding {
  const title = "Credentials";
  if (isAway) {
    const next = "Try again in a moment.";
    return { name: "credentials", state: "unknown", title, detail: message, next, url: undefined };
  }
  return {
    name: "credentials",
    state: "missing",
    title,
    detail: message,
    next: `The App is gone, or its private key is another one. Generate a new key on the App's page, then \`terrane apps remove ${key}\` and \`terrane apps add --key ${key}\`.`,
    url: undefined,
  };
}

function permissionsFinding(
  self: AppSelf,
  want: readonly WantedPermission[],
  settings: string,
): AppFinding {
  const missing = missingOf(self, want);
  const base = { name: "permissions", title: "Permissions" };
  if (missing.length === 0) {
    const detail = `All ${want.length} are there.`;
    return { ...base, state: "ok", detail, next: undefined, url: undefined };
  }
  return {
    ...base,
    state: "missing",
    detail: missing.map(permissionText).join("; "),
    next: "Set them on the App's page under Permissions; each installation is asked to accept them afterwards.",
    url: `${settings}/permissions`,
  };
}

export function permissionText({ label, level, reason }: WantedPermission): string {
  return `${label}: ${level} is missing (${reason})`;
}

function eventsFinding(self: AppSelf, want: readonly WantedEvent[], settings: string): AppFinding {
  const missing = want.filter(({ name }) => !self.events.includes(name));
  const base = { name: "events", title: "Events" };
  if (missing.length === 0) {
    const detail = `All ${want.length} are subscribed to.`;
    return { ...base, state: "ok", detail, next: undefined, url: undefined };
  }
  return {
    ...base,
    state: missing.some(({ name }) => NEEDED.has(name)) ? "missing" : "note",
    detail: missing
      .map(({ label, reason }) => `${label} is not subscribed to (${reason})`)
      .join("; "),
    next: "Tick them on the App's page under Permissions & events.",
    url: `${settings}/permissions`,
  };
}

/** Without these Terrane would not hear of what it is for; the others make it quicker or add buttons. */
const NEEDED: ReadonlySet<string> = new Set([
  "pull_request",
  "issue_comment",
  "pull_request_review",
  "push",
  "workflow_run",
]);

/** Whoever has the key may do all of it. */
function excessFinding(
  self: AppSelf,
  want: readonly WantedPermission[],
  settings: string,
): readonly AppFinding[] {
  const excess = Object.entries(self.permissions).filter(
    ([name, level]) =>
      !want.some((one) => one.name === name && (one.level === level || level === "read")),
  );
  if (excess.length === 0) return [];
  return [
    {
      name: "least_privilege",
      state: "note",
      title: "More than needed",
      detail: `The App may do more than Terrane uses: ${excess.map(([name, level]) => `${name}: ${level}`).join(", ")}.`,
      next: "Take them away on the App's page, unless something else uses the App.",
      url: `${settings}/permissions`,
    },
  ];
}

function webhookFinding(
  hook: AppFacts["hook"],
  { key, webhookUrl }: Expected,
  settings: string,
): AppFinding {
  const base = { name: "webhook", title: "Webhook" };
  if (hook.kind !== "ok") {
    return {
      ...base,
      state: hook.kind === "unavailable" ? "unknown" : "missing",
      detail: hook.message,
      next: "Switch the webhook on at the App's page under General, then check again.",
      url: settings,
    };
  }
  const wrong = wrongWithHook(hook.value, webhookUrl);
  if (wrong.length === 0) {
    const detail = `It comes to ${webhookUrl}, with a secret.`;
    return { ...base, state: "ok", detail, next: undefined, url: undefined };
  }
  const next = `Mend it here, with \`terrane apps check ${key} --mend\`, or on the App's page.`;
  return { ...base, state: "missing", detail: wrong.join(" "), next, url: settings };
}

function wrongWithHook(hook: AppHook, webhookUrl: string): readonly string[] {
  const where =
    hook.url === ""
      ? "The App has no webhook, so GitHub tells nothing."
      : `It goes to ${hook.url} and not to ${webhookUrl}.`;
  return [
    ...(hook.url === webhookUrl ? [] : [where]),
    ...(hook.hasSecret || hook.url === ""
      ? []
      : ["It has no secret, so nothing of it is believed."]),
    ...(hook.json || hook.url === "" ? [] : ["Its content type is not application/json."]),
    ...(hook.verifiesTls ? [] : ["It does not verify certificates."]),
  ];
}

function deliveriesFinding(deliveries: AppFacts["deliveries"], settings: string): AppFinding {
  const base = { name: "deliveries", title: "Deliveries", url: `${settings}/advanced` };
  if (deliveries.kind !== "ok") {
    return { ...base, state: "unknown", detail: deliveries.message, next: undefined };
  }
  const [last] = deliveries.value;
  if (last === undefined) {
    const detail = "GitHub has delivered nothing in the last three days.";
    return { ...base, state: "note", detail, next: "It shows as soon as something happens." };
  }
  const failed = deliveries.value.filter(isFailed);
  const seen = `${deliveries.value.length - failed.length} of the last ${deliveries.value.length} were taken; the last was ${last.event} at ${last.at}, answered with ${last.status || "nothing"}.`;
  if (!isFailed(last)) return { ...base, state: "ok", detail: seen, next: undefined };
  return { ...base, state: "missing", detail: seen, next: nextOf(last) };
}

function isFailed({ status }: AppDelivery): boolean {
  return status < 200 || status >= 300;
}

function nextOf({ status }: AppDelivery): string {
  if (status === 401) return "The webhook's secret there and here differ: mend the webhook.";
  if (status === 404) return "The webhook's address is another one: mend the webhook.";
  if (status === 0)
    return "GitHub did not reach this server: look at its address, firewall and certificate.";
  return "The server or its database was away; what was missed is asked for again by itself.";
}

function installationFindings(
  installations: AppFacts["installations"],
  want: readonly WantedPermission[],
  self: AppSelf,
): readonly AppFinding[] {
  const base = { name: "installations", title: "Installations" };
  const install = installUrl(self.url);
  if (installations.kind !== "ok") {
    const { message: detail } = installations;
    return [{ ...base, state: "unknown", detail, next: undefined, url: undefined }];
  }
  const all = installations.value;
  if (all.length === 0) {
    const next = "Install it on the repositories that Terrane is to look after.";
    const detail = "The App is installed nowhere.";
    return [{ ...base, state: "missing", detail, next, url: install }];
  }
  const there: AppFinding = {
    ...base,
    state: "ok",
    detail: all.map(installationText).join("; "),
    next: undefined,
    url: install,
  };
  return [there, ...all.flatMap((one) => installationProblems(self, one, want))];
}

function installationText({ account, all, repositories }: AppInstallation): string {
  if (repositories === undefined) return account;
  const { total } = repositories;
  const many = `${total} ${total === 1 ? "repository" : "repositories"}`;
  return `${account}: ${all ? `all its ${many}` : many}`;
}

function installationProblems(
  self: AppSelf,
  one: AppInstallation,
  want: readonly WantedPermission[],
): readonly AppFinding[] {
  const base = { name: `installation:${one.account}`, title: `Installation of ${one.account}` };
  if (one.suspended) {
    const detail = "It is suspended: nothing is told and nothing may be called.";
    const next = "Somebody who may has to unsuspend it there.";
    return [{ ...base, state: "missing", detail, next, url: one.url }];
  }
  const missing = notAccepted(self, one, want);
  const empty: readonly AppFinding[] =
    one.repositories?.total === 0
      ? [
          {
            ...base,
            state: "missing",
            detail: "It covers no repository.",
            next: "Choose repositories there.",
            url: one.url,
          },
        ]
      : [];
  if (missing.length === 0) return empty;
  return [
    ...empty,
    {
      ...base,
      state: "missing",
      detail: missing.map(permissionText).join("; "),
      next: `An owner of ${one.account} has to accept the App's new permissions there.`,
      url: one.url,
    },
  ];
}
