import * as z from "zod/mini";

/** Apps: what this server is to forges. Every one has a key, under which its repositories are stored and its webhooks come in. */

const Text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const Secret = z.string().check(z.minLength(16), z.maxLength(512));
const Names = z.array(Text(250)).check(z.maxLength(20));

export const AppView = z.object({
  key: z.string(),
  /** Which kind of forge, in a word people know. */
  forge: z.string(),
  source: z.enum(["environment", "registered"]),
  name: z.nullable(z.string()),
  slug: z.nullable(z.string()),
  owner: z.nullable(z.string()),
  appId: z.string(),
  host: z.string(),
  apiUrl: z.string(),
  /** Its page on the forge. */
  url: z.nullable(z.string()),
  /** Where it is installed on repositories. */
  installUrl: z.nullable(z.string()),
  webhookUrl: z.string(),
  /** Names of what it may do beyond the least. */
  upgrades: z.array(z.string()),
  createdAt: z.nullable(z.string()),
  createdBy: z.nullable(z.string()),
  /** Why this server cannot work with it. */
  problem: z.nullable(z.string()),
});
export type AppView = z.infer<typeof AppView>;

export const AppPermissionView = z.object({
  name: z.string(),
  /** As the forge's own pages have it. */
  label: z.string(),
  of: z.enum(["repository", "organization"]),
  level: z.enum(["read", "write"]),
  reason: z.string(),
});
export type AppPermissionView = z.infer<typeof AppPermissionView>;

export const AppEventView = z.object({
  name: z.string(),
  label: z.string(),
  reason: z.string(),
});

/** More than the least, for something that not everybody wants. */
export const AppUpgradeView = z.object({
  name: z.string(),
  title: z.string(),
  reason: z.string(),
  permissions: z.array(AppPermissionView),
  events: z.array(AppEventView),
});
export type AppUpgradeView = z.infer<typeof AppUpgradeView>;

/** What somebody agrees to who registers an app. */
export const AppOfferView = z.object({
  forge: z.string(),
  /** The host that most people use. */
  host: z.string(),
  /** What the forge calls one that a company runs itself. */
  ownHost: z.string(),
  permissions: z.array(AppPermissionView),
  events: z.array(AppEventView),
  upgrades: z.array(AppUpgradeView),
  serverUrl: z.string(),
  /** Said where the forge cannot reach this server. */
  warning: z.nullable(z.string()),
});
export type AppOfferView = z.infer<typeof AppOfferView>;

export const BeginAppBody = z.object({
  host: z.optional(Text(250)),
  /** Whose app it will be; without it the person's own. */
  organization: z.optional(z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/))),
  name: z.optional(Text(34)),
  upgrades: z.optional(Names),
});
export type BeginAppBody = z.infer<typeof BeginAppBody>;

/** A form that the browser sends to the forge, as it stands. */
export const BegunAppView = z.object({
  key: z.string(),
  action: z.string(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
  minutes: z.number(),
});
export type BegunAppView = z.infer<typeof BegunAppView>;

export const CompleteAppBody = z.object({ code: Text(250), state: Text(250) });

export const AddAppBody = z.object({
  host: z.optional(Text(250)),
  appId: z.string().check(z.regex(/^[1-9]\d{0,17}$/)),
  privateKey: z.string().check(z.minLength(64), z.maxLength(16_384)),
  /** One, or two while it is being changed. */
  webhookSecrets: z.array(Secret).check(z.minLength(1), z.maxLength(2)),
  key: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/))),
  upgrades: z.optional(Names),
  workflows: z.optional(Names),
  jobWorkflows: z.optional(Names),
  issuer: z.optional(Text(250)),
});
export type AddAppBody = z.infer<typeof AddAppBody>;

export const AppFindingView = z.object({
  name: z.string(),
  state: z.enum(["ok", "missing", "note", "unknown"]),
  title: z.string(),
  detail: z.string(),
  /** What to do about it. */
  next: z.nullable(z.string()),
  /** Where to do it. */
  url: z.nullable(z.string()),
});
export type AppFindingView = z.infer<typeof AppFindingView>;

export const AppInstallationView = z.object({
  id: z.string(),
  account: z.string(),
  url: z.string(),
  suspended: z.boolean(),
  repositories: z.nullable(
    z.object({
      all: z.boolean(),
      total: z.number(),
      /** The first ones, by full name; `id` once this server has heard of one. */
      names: z.array(z.string()),
    }),
  ),
  missing: z.array(AppPermissionView),
});
export type AppInstallationView = z.infer<typeof AppInstallationView>;

export const AppCheckView = z.object({
  app: AppView,
  checkedAt: z.string(),
  /** Nothing that is needed is missing. */
  ok: z.boolean(),
  findings: z.array(AppFindingView),
  installations: z.array(AppInstallationView),
});
export type AppCheckView = z.infer<typeof AppCheckView>;
