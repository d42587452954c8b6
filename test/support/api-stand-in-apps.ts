import type { Context, Hono } from "hono";
import { type ReplyOf, type RouteName, routes } from "../../src/contract/api.ts";
import type { AppCheckView, AppOfferView, AppView } from "../../src/contract/apps.ts";
import { EVENTS, PERMISSIONS, UPGRADES } from "../../src/vcs/github/app/permissions.ts";

/** An app with one of each finding, and one that is in order. */
const APP: AppView = {
  key: "github",
  forge: "GitHub",
  source: "registered",
  name: "Terrane of Acme",
  slug: "terrane-of-acme",
  owner: "acme",
  appId: "1004711",
  host: "https://github.example.com",
  apiUrl: "https://github.example.com/api/v3",
  url: "https://github.example.com/apps/terrane-of-acme",
  installUrl: "https://github.example.com/apps/terrane-of-acme/installations/new",
  webhookUrl: "https://terrane.example.com/api/v1/webhooks/github",
  upgrades: ["merge"],
  createdAt: "2026-01-02T03:04:05.000Z",
  createdBy: "ann",
  problem: null,
};

const OFFER: AppOfferView = {
  forge: "GitHub",
  host: "https://github.com",
  ownHost: "GitHub Enterprise",
  permissions: [...PERMISSIONS],
  events: [...EVENTS],
  upgrades: UPGRADES.map((one) => ({
    ...one,
    permissions: [...one.permissions],
    events: [...one.events],
  })),
  serverUrl: "http://127.0.0.1:8080",
  warning: "https://github.com cannot reach http://127.0.0.1:8080.",
};

const CHECK: AppCheckView = {
  app: APP,
  checkedAt: "2026-01-02T03:04:05.000Z",
  ok: false,
  findings: (["ok", "missing", "note", "unknown"] as const).map((state) => ({
    name: state === "missing" ? "webhook" : state,
    state,
    title: state === "missing" ? "Webhook" : `A finding that is ${state}`,
    detail: "It goes to `https://old.example.com/hook`.",
    next: "Mend it here.",
    url: "https://github.example.com/settings/apps/terrane-of-acme",
  })),
  installations: [
    {
      id: "7",
      account: "acme",
      url: "https://github.example.com/organizations/acme/settings/installations/7",
      suspended: false,
      repositories: { all: false, total: 3, names: ["acme/infra", "acme/web"] },
      missing: [],
    },
  ],
};

type Reply = <N extends RouteName>(c: Context, name: N, value: ReplyOf<N>) => Response;

export function appRoutes(app: Hono, reply: Reply): void {
  app.get(routes.apps.path, (c) => reply(c, "apps", [APP]));
  app.get(routes.appOffer.path, (c) => reply(c, "appOffer", OFFER));
  app.get(routes.checkApp.path, (c) => reply(c, "checkApp", CHECK));
  app.post(routes.mendApp.path, (c) => reply(c, "mendApp", { ...CHECK, ok: true, findings: [] }));
}
