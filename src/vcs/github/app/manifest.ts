import type { GithubHost } from "./hosts.ts";
import { wanted } from "./permissions.ts";

/** GitHub forgets a registration that is not completed within this time. */
export const MANIFEST_MINUTES = 60;

export interface ManifestWish {
  readonly name: string | undefined;
  readonly key: string;
  readonly serverUrl: string;
  readonly upgrades: readonly string[];
  readonly withWebhook: boolean;
}

/** What GitHub is asked to make; it shows the person all of it first, and lets the name be changed. */
export function appManifest(wish: ManifestWish): Readonly<Record<string, unknown>> {
  const { key, serverUrl, upgrades, withWebhook } = wish;
  const { permissions, events } = wanted(upgrades);
  return {
    ...(wish.name === undefined ? {} : { name: wish.name }),
    url: serverUrl,
    // Without it there is no webhook; with an address that GitHub cannot reach it would make no App at all.
    ...(withWebhook
      ? { hook_attributes: { url: `${serverUrl}/api/v1/webhooks/${key}`, active: true } }
      : {}),
    redirect_url: `${serverUrl}/apps/connected`,
    setup_url: `${serverUrl}/apps/${key}`,
    setup_on_update: true,
    public: false,
    default_permissions: Object.fromEntries(permissions.map(({ name, level }) => [name, level])),
    default_events: events.map(({ name }) => name),
  };
}

/** Where the browser sends the manifest. */
export function registrationUrl(
  host: GithubHost,
  organization: string | undefined,
  state: string,
): string {
  const owner =
    organization === undefined ? "" : `/organizations/${encodeURIComponent(organization)}`;
  return `${host.webUrl}${owner}/settings/apps/new?state=${encodeURIComponent(state)}`;
}
