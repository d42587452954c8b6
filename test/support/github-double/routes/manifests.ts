import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Api, Variables } from "../api.ts";
import { appShape } from "../shapes/app.ts";
import { description, field, isJson } from "../spec/description.ts";
import { notFound } from "../wire-error.ts";
import type { AccessLevel, Account, World } from "../world.ts";
import { findAccount } from "../world.ts";

/** GitHub wants all of it within an hour. */
const CODE_MS = 3_600_000;
const NAME_CHARS_MAX = 34;
const KEYS = new Set([
  "name",
  "url",
  "hook_attributes",
  "redirect_url",
  "callback_urls",
  "setup_url",
  "setup_on_update",
  "description",
  "public",
  "default_events",
  "default_permissions",
  "request_oauth_on_install",
]);

/** An event may be subscribed to by whoever may read one of these. */
const EVENT_NEEDS: Readonly<Record<string, readonly string[]>> = {
  check_run: ["checks"],
  check_suite: ["checks"],
  issue_comment: ["issues", "pull_requests"],
  merge_group: ["merge_queues"],
  pull_request: ["pull_requests"],
  pull_request_review: ["pull_requests"],
  push: ["contents"],
  repository: ["metadata"],
  status: ["statuses"],
  workflow_job: ["actions"],
  workflow_run: ["actions"],
};

interface Manifest {
  readonly name: string | undefined;
  readonly redirectUrl: string;
  readonly setupUrl: string | undefined;
  readonly hookUrl: string | undefined;
  readonly permissions: Readonly<Record<string, AccessLevel>>;
  readonly events: readonly string[];
}

interface Pending {
  readonly manifest: Manifest;
  readonly state: string;
  readonly owner: Account;
}

/** Makes what GitHub's own pages make of a manifest of an App: of the double's one App. */
export class Manifests {
  readonly pending = new Map<string, Pending>();
  readonly codes = new Map<string, { readonly expiresAt: Date }>();
}

/** Pages that people see at GitHub. The double knows nobody's session: whoever comes is the App's owner. */
export function manifestPages(world: World, manifests: Manifests): Hono {
  const app = new Hono();
  const begin = async (c: Context, owner: Account | undefined) => {
    if (owner === undefined) return c.text("Not Found", 404);
    const { manifest: text } = await c.req.parseBody();
    const manifest = readManifest(world, typeof text === "string" ? text : "");
    if (typeof manifest === "string") {
      return page(`<h1>Invalid GitHub App configuration</h1><p>${escape(manifest)}</p>`, 422);
    }
    const id = randomUUID();
    manifests.pending.set(id, { manifest, state: c.req.query("state") ?? "", owner });
    const asked = Object.entries(manifest.permissions)
      .map(([name, level]) => `<li>${escape(name)}: ${level}</li>`)
      .join("");
    return page(
      `<h1>Create GitHub App for ${escape(owner.login)}</h1><ul>${asked}</ul>
      <form method="post" action="/settings/apps/create/${id}">
      <label>GitHub App name <input name="name" value="${escape(manifest.name ?? "terrane")}"></label>
      <button>Create GitHub App</button></form>`,
    );
  };
  app.post("/settings/apps/new", (c) => begin(c, world.app.owner));
  app.post("/organizations/:org/settings/apps/new", (c) =>
    begin(c, findAccount(world, c.req.param("org"))),
  );
  app.post("/settings/apps/create/:id", async (c) => {
    const found = manifests.pending.get(c.req.param("id"));
    if (found === undefined) return c.text("Not Found", 404);
    manifests.pending.delete(c.req.param("id"));
    const { name } = await c.req.parseBody();
    make(world, found, typeof name === "string" && name !== "" ? name : "terrane");
    const code = randomUUID();
    manifests.codes.set(code, { expiresAt: new Date(world.now().getTime() + CODE_MS) });
    const to = new URL(found.manifest.redirectUrl);
    to.searchParams.set("code", code);
    to.searchParams.set("state", found.state);
    return c.redirect(to.href);
  });
  return app;
}

function make(world: World, { manifest, owner }: Pending, name: string): void {
  const { app } = world;
  app.name = name;
  app.owner = owner;
  app.permissions = manifest.permissions;
  app.events = manifest.events;
  app.setupUrl = manifest.setupUrl;
  app.webhook =
    manifest.hookUrl === undefined
      ? undefined
      : { url: manifest.hookUrl, secret: randomUUID().replaceAll("-", "") };
}

/** Whoever has the code gets the App's secrets, once and without any other credential. */
export function conversionRoute(world: World, api: Api, manifests: Manifests): void {
  api.post("/app-manifests/:code/conversions", (c: Context<Variables>) => {
    const code = c.req.param("code") ?? "";
    const found = manifests.codes.get(code);
    manifests.codes.delete(code);
    if (found === undefined || found.expiresAt < world.now()) throw notFound();
    const { app } = world;
    const secrets = {
      client_id: app.clientId,
      client_secret: randomUUID(),
      webhook_secret: app.webhook?.secret ?? null,
      pem: app.privateKeyPem,
    };
    return c.json({ ...appShape(world), ...secrets }, 201);
  });
}

/** The manifest, or why GitHub would not take it. */
function readManifest(world: World, text: string): Manifest | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'Error: "manifest" is no JSON.';
  }
  if (!isJson(json)) return 'Error: "manifest" is no object.';
  const unknown = Object.keys(json).find((key) => !KEYS.has(key));
  if (unknown !== undefined) return `Error: "${unknown}" is no key of a manifest.`;
  const name = textOf(json, "name");
  if (name !== undefined && name.length > NAME_CHARS_MAX) return "Error: Name is too long.";
  const hook = field(json, "hook_attributes");
  const hookUrl = textOf(hook, "url");
  if (textOf(json, "url") === undefined || (hook !== undefined && hookUrl === undefined)) {
    return 'Error: "url" wasn\'t supplied.';
  }
  if (hookUrl !== undefined && !reachable(world, hookUrl)) {
    return "Error: Hook url is not supported because it isn't reachable over the public Internet.";
  }
  const redirectUrl = textOf(json, "redirect_url");
  if (redirectUrl === undefined) return 'Error: "redirect_url" wasn\'t supplied.';
  const permissions = readPermissions(field(json, "default_permissions"));
  if (typeof permissions === "string") return permissions;
  const events = field(json, "default_events") ?? [];
  if (!Array.isArray(events)) return 'Error: "default_events" is no list.';
  const wrong = events.filter((event) => !isAllowed(String(event), permissions));
  if (wrong.length > 0) return `Error: Default events unsupported: ${wrong.join(", ")}.`;
  return {
    name,
    redirectUrl,
    hookUrl,
    setupUrl: textOf(json, "setup_url"),
    permissions,
    events: events.map(String),
  };
}

function textOf(json: unknown, key: string): string | undefined {
  const value = field(json, key);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Everything that the double itself runs beside is reachable for it. */
function reachable(world: World, url: string): boolean {
  const isHere = (address: string) => /^(?:127\.|localhost$)/.test(new URL(address).hostname);
  return !isHere(url) || isHere(world.origin);
}

function readPermissions(given: unknown): Readonly<Record<string, AccessLevel>> | string {
  if (!isJson(given)) return "Error: Default permissions are no object.";
  const known = field(description().schema("app-permissions"), "properties");
  const permissions: Record<string, AccessLevel> = {};
  for (const [name, level] of Object.entries(given)) {
    const levels: unknown = field(field(known, name), "enum");
    if (!Array.isArray(levels) || !levels.includes(level)) {
      return `Error: Default permission records resource is not included in the list: ${name}: ${String(level)}.`;
    }
    permissions[name] = level === "write" ? "write" : "read";
  }
  return permissions;
}

function isAllowed(event: string, permissions: Readonly<Record<string, AccessLevel>>): boolean {
  const needs = EVENT_NEEDS[event];
  return needs?.some((name) => name === "metadata" || permissions[name] !== undefined) === true;
}

function page(body: string, status: 200 | 422 = 200): Response {
  const html = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>GitHub</title><main>${body}</main></html>`;
  return new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The page that asks where to install the App: on everything an account has. */
export function installPages(
  world: World,
  install: (owner: Account) => { readonly id: number },
): Hono {
  const app = new Hono();
  app.get("/apps/:slug/installations/new", () => {
    const owners = [...world.accounts.values()].filter(({ type }) => type !== "Bot");
    const buttons = owners
      .map(
        ({ login }) =>
          `<button name="account" value="${escape(login)}">Install on ${escape(login)}</button>`,
      )
      .join("");
    return page(`<h1>Install ${escape(world.app.name)}</h1><form method="post">${buttons}</form>`);
  });
  app.post("/apps/:slug/installations/new", async (c) => {
    const { account } = await c.req.parseBody();
    const owner = typeof account === "string" ? findAccount(world, account) : undefined;
    if (owner === undefined) return c.text("Not Found", 404);
    const { id } = install(owner);
    const { setupUrl } = world.app;
    if (setupUrl === undefined) return c.text("Installed");
    const to = new URL(setupUrl);
    to.searchParams.set("installation_id", String(id));
    to.searchParams.set("setup_action", "install");
    return c.redirect(to.href);
  });
  return app;
}
