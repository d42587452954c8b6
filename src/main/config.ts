import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { z } from "zod";
import { JOB_CAPS, type JobCap, type JobCaps } from "../core/schedule/caps.ts";
import type { Retention } from "../ports/fleet-store.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be used; the message is for the operator. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export interface GithubConfig {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecrets: readonly string[];
  readonly apiUrl: string;
  readonly workflows: readonly string[] | undefined;
  /** Reusable workflows that jobs may be in, `owner/repo/path@ref`. */
  readonly jobWorkflows: readonly string[] | undefined;
  readonly issuer: string | undefined;
}

export interface GitlabConfig {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
  readonly webhookSecrets: {
    readonly tokens: readonly string[];
    readonly signing: readonly string[];
  };
  readonly issuer: string | undefined;
  readonly ciFiles: readonly string[] | undefined;
  readonly parameters: "inputs" | "variables";
}

export interface Config {
  /** Where people and CI jobs reach this server; undefined: its own loopback address. */
  readonly publicUrl: string | undefined;
  /** More names that it answers to, `host` or `host:port`. */
  readonly hosts: readonly string[];
  /** Who the token's bearer is where nothing else is said. */
  readonly actor: string;
  readonly token: string | undefined;
  /** Lets whoever watches this server read its numbers from elsewhere. */
  readonly metricsToken: string | undefined;
  /** 32 bytes; undefined: kept in the data directory. */
  readonly secretKey: Uint8Array | undefined;
  /** For migrations, where `DATABASE_URL` leads through a pooler. */
  readonly directDatabaseUrl: string | undefined;
  readonly connectionsMax: number | undefined;
  /** How long at least nothing is applied after the database was promoted or restored. */
  readonly quarantineMs: number | undefined;
  /** How long a pull request whose turn it is keeps others waiting without using it. */
  readonly turnMs: number | undefined;
  /** How long what only shows progress waits for more of it, where a VCS limits writing. */
  readonly progressMs: number | undefined;
  /** How long a one-time code opens its attempt; undefined: jobs prove who they are by identity tokens alone. */
  readonly codeMs: number | undefined;
  /** How many CI jobs run at once. */
  readonly jobs: JobCaps;
  /** First words of a comment that count beside our own. */
  readonly commentWords: readonly string[];
  /** What local CI jobs see of the server's environment, besides the usual; `AWS_*` stands for all that begin so. */
  readonly jobEnvironment: readonly string[];
  /** How long things are kept that nobody decides on any more. */
  readonly retention: Retention;
  /** Repositories whose workflow file is made for an existing runner are served as well. */
  readonly compatibleRunners: boolean;
  readonly github: GithubConfig | undefined;
  readonly gitlab: GitlabConfig | undefined;
}

const LOGIN = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/;
const SECRET_KEY_BYTES = 32;
const SIGNING_TOKEN = /^whsec_[A-Za-z0-9+/]{22,}={0,2}$/;

const url = z.url({ protocol: /^https?$/, error: "it is no http or https address" });
/**
 * A whole host, as a browser writes it: sign-in compares it with what browsers send, and the identity of a job names
 * it letter by letter.
 */
const origin = url
  .transform((text) => text.replace(/\/+$/, ""))
  .refine(
    (text) => new URL(text).origin === text,
    "it is not scheme, host and port alone, in lower case, as in https://terrane.example.com",
  );
/** A header carries it, so anything else would never match. */
const bearerToken = z
  .string()
  .trim()
  .min(32, "a token has at least 32 characters")
  .max(512, "a token has at most 512 characters")
  .regex(/^[!-~]*$/, "a token has visible ASCII characters only, and no blanks")
  .optional();
const list = z
  .string()
  .transform((text) => text.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])));

const COMMENT_WORD = /^@?[a-z][a-z0-9_-]{1,38}$/;
const OURS: ReadonlySet<string> = new Set(["terrane", "terrateam", "terraform", "tofu"]);

const JOBS_MAX = 100_000;
const JOB_CAP_PART = /^(?:([^=]+)=)?([0-9]{1,6})$/;

/** A number, and other numbers for some: `20,acme/infra=40`. */
function jobCap(otherwise: JobCap) {
  return z
    .string()
    .transform((text, context): JobCap => {
      const of = new Map<string, number>();
      let { max } = otherwise;
      for (const part of text.split(",")) {
        const [, name, digits] = JOB_CAP_PART.exec(part.trim()) ?? [];
        const jobs = Number(digits);
        if (digits === undefined || jobs < 1 || jobs > JOBS_MAX) {
          const message = `it is not a number from 1 to ${JOBS_MAX}, with exceptions like name=number after commas`;
          context.addIssue({ code: "custom", message });
          return z.NEVER;
        }
        if (name === undefined) max = jobs;
        else of.set(name.trim(), jobs);
      }
      return { max, of };
    })
    .default(otherwise);
}

/** A delivery may be repeated for three days, and a week is what one partition holds. */
const days = z.coerce.number().int().min(7, "it is less than 7 days").max(3_650);

/** What each means is in `docs/operating/settings.md`; a test compares the two. */
const schema = z.object({
  TERRANE_URL: origin.optional(),
  TERRANE_HOSTS: list.optional(),
  TERRANE_ACTOR: z.string().regex(LOGIN, "it is no login").optional(),
  TERRANE_TOKEN: bearerToken,
  TERRANE_METRICS_TOKEN: bearerToken,
  TERRANE_SECRET_KEY: z
    .string()
    .transform((text) => Buffer.from(text, "base64"))
    .refine((bytes) => bytes.length === SECRET_KEY_BYTES, "it is not 32 bytes in base64")
    .optional(),
  TERRANE_JOB_ENVIRONMENT: list.optional(),
  TERRANE_JOBS_PER_INSTALLATION: jobCap(JOB_CAPS.installation),
  TERRANE_JOBS_PER_REPOSITORY: jobCap(JOB_CAPS.repository),
  TERRANE_JOBS_PER_ENVIRONMENT: jobCap(JOB_CAPS.environment),
  TERRANE_COMMENT_WORDS: list
    .transform((words) => words.map((word) => word.toLowerCase()))
    .refine((words) => words.every((word) => COMMENT_WORD.test(word) && !OURS.has(word)), {
      error: "each is one word, and none that counts anyway",
    })
    .default([]),
  TERRANE_EVENT_DAYS: days.default(30),
  TERRANE_OUTPUT_DAYS: days.default(90),
  TERRANE_COMPATIBLE_RUNNERS: z.enum(["on", "off"], { error: "it is not on or off" }).default("on"),
  DATABASE_DIRECT_URL: z.string().optional(),
  TERRANE_QUARANTINE_SECONDS: z.coerce.number().int().min(5).max(86_400).optional(),
  TERRANE_ONE_TIME_CODE_MINUTES: z.coerce.number().int().min(1).max(1_440).optional(),
  TERRANE_PROGRESS_SECONDS: z.coerce.number().int().min(0).max(600).optional(),
  TERRANE_TURN_MINUTES: z.coerce.number().int().min(1).max(10_080).optional(),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(1_000).optional(),
  GITHUB_APP_ID: z.coerce.number().int().positive().optional(),
  GITHUB_PRIVATE_KEY: z.string().optional(),
  GITHUB_PRIVATE_KEY_FILE: z.string().optional(),
  GITHUB_WEBHOOK_SECRET: list.optional(),
  GITHUB_API_URL: url.default("https://api.github.com"),
  GITHUB_WORKFLOWS: list.optional(),
  GITHUB_JOB_WORKFLOWS: list.optional(),
  GITHUB_OIDC_ISSUER: url.optional(),
  GITLAB_URL: url.default("https://gitlab.com"),
  GITLAB_TOKEN: z.string().optional(),
  GITLAB_TOKEN_FILE: z.string().optional(),
  GITLAB_WEBHOOK_SIGNING_TOKEN: list
    .refine((tokens) => tokens.every((token) => SIGNING_TOKEN.test(token)), {
      error: "copy it whole, as GitLab shows it once: it begins with whsec_",
    })
    .optional(),
  GITLAB_WEBHOOK_SECRET: list.optional(),
  GITLAB_OIDC_ISSUER: url.optional(),
  GITLAB_CI_FILES: list.optional(),
  GITLAB_CI_PARAMETERS: z
    .enum(["inputs", "variables"], { error: "it is not inputs or variables" })
    .default("inputs"),
});

type Settings = z.infer<typeof schema>;

export const SETTING_NAMES: readonly string[] = Object.keys(schema.shape);

/** Reads the environment; an empty variable is one that is not set. */
export function readConfig(env: Env): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    // The value stays unsaid: it may be a secret.
    throw new ConfigError(`${String(issue?.path[0])} cannot be used: ${issue?.message}.`);
  }
  const settings = parsed.data;
  return {
    publicUrl: settings.TERRANE_URL,
    hosts: (settings.TERRANE_HOSTS ?? []).map((host) => host.toLowerCase()),
    actor: settings.TERRANE_ACTOR ?? systemLogin(),
    token: settings.TERRANE_TOKEN,
    metricsToken: settings.TERRANE_METRICS_TOKEN,
    secretKey: settings.TERRANE_SECRET_KEY,
    directDatabaseUrl: settings.DATABASE_DIRECT_URL,
    connectionsMax: settings.DATABASE_CONNECTIONS,
    retention: {
      eventDays: settings.TERRANE_EVENT_DAYS,
      outputDays: settings.TERRANE_OUTPUT_DAYS,
    },
    quarantineMs: milliseconds(settings.TERRANE_QUARANTINE_SECONDS, SECOND_MS),
    codeMs: milliseconds(settings.TERRANE_ONE_TIME_CODE_MINUTES, MINUTE_MS),
    progressMs: milliseconds(settings.TERRANE_PROGRESS_SECONDS, SECOND_MS),
    turnMs: milliseconds(settings.TERRANE_TURN_MINUTES, MINUTE_MS),
    jobEnvironment: settings.TERRANE_JOB_ENVIRONMENT ?? [],
    jobs: {
      installation: settings.TERRANE_JOBS_PER_INSTALLATION,
      repository: settings.TERRANE_JOBS_PER_REPOSITORY,
      environment: settings.TERRANE_JOBS_PER_ENVIRONMENT,
    },
    commentWords: settings.TERRANE_COMMENT_WORDS,
    compatibleRunners: settings.TERRANE_COMPATIBLE_RUNNERS === "on",
    github: githubConfig(settings),
    gitlab: gitlabConfig(settings),
  };
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

function milliseconds(count: number | undefined, unitMs: number): number | undefined {
  return count === undefined ? undefined : count * unitMs;
}

function githubConfig(settings: Settings): GithubConfig | undefined {
  const { GITHUB_APP_ID: appId, GITHUB_WEBHOOK_SECRET: webhookSecrets } = settings;
  const privateKey = privateKeyOf(settings);
  if (appId === undefined && privateKey === undefined && webhookSecrets === undefined) {
    return undefined;
  }
  const missing = [
    ...(appId === undefined ? ["GITHUB_APP_ID"] : []),
    ...(privateKey === undefined ? ["GITHUB_PRIVATE_KEY or GITHUB_PRIVATE_KEY_FILE"] : []),
    // Without it anybody could tell us what happened.
    ...(webhookSecrets === undefined || webhookSecrets.length === 0
      ? ["GITHUB_WEBHOOK_SECRET"]
      : []),
  ];
  if (appId === undefined || privateKey === undefined || webhookSecrets === undefined) {
    throw new ConfigError(`GitHub is configured by halves; missing: ${missing.join(", ")}.`);
  }
  if (missing.length > 0) throw new ConfigError(`${missing.join(", ")} is empty.`);
  return {
    appId,
    privateKey,
    webhookSecrets,
    apiUrl: settings.GITHUB_API_URL.replace(/\/+$/, ""),
    workflows: settings.GITHUB_WORKFLOWS,
    jobWorkflows: settings.GITHUB_JOB_WORKFLOWS,
    issuer: settings.GITHUB_OIDC_ISSUER,
  };
}

function privateKeyOf(settings: Settings): string | undefined {
  const { GITHUB_PRIVATE_KEY: text, GITHUB_PRIVATE_KEY_FILE: file } = settings;
  // One line with \n in it is how a key fits into most tables of variables.
  return fromFile("GITHUB_PRIVATE_KEY_FILE", text?.replaceAll("\\n", "\n"), file);
}

function fromFile(
  name: string,
  text: string | undefined,
  file: string | undefined,
): string | undefined {
  if (text !== undefined || file === undefined) return text;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${name} cannot be read: ${why}.`);
  }
}

function gitlabConfig(settings: Settings): GitlabConfig | undefined {
  const { GITLAB_TOKEN: text, GITLAB_TOKEN_FILE: file } = settings;
  const token = fromFile("GITLAB_TOKEN_FILE", text, file)?.trim();
  const tokens = settings.GITLAB_WEBHOOK_SECRET ?? [];
  const signing = settings.GITLAB_WEBHOOK_SIGNING_TOKEN ?? [];
  const isProven = tokens.length + signing.length > 0;
  if (token === undefined && !isProven) return undefined;
  if (token === "")
    throw new ConfigError("GITLAB_TOKEN or the file of GITLAB_TOKEN_FILE is empty.");
  const missing = [
    ...(token === undefined ? ["GITLAB_TOKEN or GITLAB_TOKEN_FILE"] : []),
    // Without it anybody could tell us what happened.
    ...(isProven ? [] : ["GITLAB_WEBHOOK_SIGNING_TOKEN or GITLAB_WEBHOOK_SECRET"]),
  ];
  if (token === undefined || missing.length > 0) {
    throw new ConfigError(`GitLab is configured by halves; missing: ${missing.join(", ")}.`);
  }
  return {
    url: settings.GITLAB_URL.replace(/\/+$/, ""),
    token,
    webhookSecrets: { tokens, signing },
    issuer: settings.GITLAB_OIDC_ISSUER,
    ciFiles: settings.GITLAB_CI_FILES,
    parameters: settings.GITLAB_CI_PARAMETERS,
  };
}

function systemLogin(): string {
  try {
    const login = userInfo().username.replaceAll(/[^A-Za-z0-9-]/g, "-");
    return LOGIN.test(login) ? login : "owner";
  } catch {
    // A container's user need not have a name.
    return "owner";
  }
}
