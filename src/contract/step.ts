import * as z from "zod/mini";

/** Steps and hooks as they travel to the runner: what is configured, with every default filled in. */

const Env = z.record(z.string(), z.string());
const RunOn = z.enum(["success", "failure", "always"]);
export type RunOn = z.infer<typeof RunOn>;

/** How what a step said is shown. */
export const OutputFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("code"), lang: z.optional(z.string().check(z.maxLength(40))) }),
  z.object({ type: z.literal("raw") }),
  z.object({ type: z.literal("markdown") }),
]);
export type OutputFormat = z.infer<typeof OutputFormat>;

export const GATE_TERMS_MAX = 100;
export const GATES_MAX = 50;
const Terms = z
  .array(z.string().check(z.minLength(1), z.maxLength(255)))
  .check(z.maxLength(GATE_TERMS_MAX));

/** An approval that a step asks for before the apply; terms as in a match list of the configuration. */
export const Gate = z.object({
  token: z.nullable(z.string().check(z.minLength(1), z.maxLength(100))),
  name: z.nullable(z.string().check(z.maxLength(255))),
  allOf: Terms,
  anyOf: Terms,
  anyOfCount: z.number().check(z.gte(0), z.lte(GATE_TERMS_MAX)),
  /** Ask these people for a review. */
  addReviewers: z.boolean(),
});
export type Gate = z.infer<typeof Gate>;

export const Init = z.object({ type: z.literal("init"), extraArgs: z.array(z.string()), env: Env });
export const Plan = z.object({
  type: z.literal("plan"),
  extraArgs: z.array(z.string()),
  env: Env,
  mode: z.enum(["strict", "fast-and-loose"]),
});
export const Apply = z.object({
  type: z.literal("apply"),
  extraArgs: z.array(z.string()),
  env: Env,
  retry: z.nullable(
    z.object({ tries: z.number(), initialSleepSeconds: z.number(), backoff: z.number() }),
  ),
});

export const Run = z.object({
  type: z.literal("run"),
  cmd: z.array(z.string()),
  env: Env,
  captureOutput: z.boolean(),
  ignoreErrors: z.boolean(),
  runOn: RunOn,
  /** From here on absent from older servers. */
  visibleOn: z._default(RunOn, "failure"),
  format: z._default(OutputFormat, { type: "code" }),
  /** Raised when it fails. With one a failure does not fail the dirspace: it waits for the approval. */
  gates: z._default(z.array(Gate).check(z.maxLength(GATES_MAX)), []),
});

export const EnvStep = z.object({
  type: z.literal("env"),
  method: z.enum(["exec", "source"]),
  /** Present for `exec`. */
  name: z.nullable(z.string()),
  cmd: z.array(z.string()),
  sensitive: z.boolean(),
  trimTrailingNewlines: z.boolean(),
});

/** Exchanges the CI job's identity for credentials of a cloud. */
export const Oidc = z.discriminatedUnion("provider", [
  z.object({
    type: z.literal("oidc"),
    provider: z.literal("aws"),
    roleArn: z.string(),
    /** Assumed with the credentials of the first one; null where there is none or it is switched off. */
    assumeRoleArn: z.nullable(z.string()),
    audience: z.string(),
    durationSeconds: z.number(),
    region: z.string(),
    sessionName: z.string(),
  }),
  z.object({
    type: z.literal("oidc"),
    provider: z.literal("gcp"),
    serviceAccount: z.string(),
    workloadIdentityProvider: z.string(),
    accessTokenLifetimeSeconds: z.number(),
    accessTokenSubject: z.nullable(z.string()),
    /** Null: `https://iam.googleapis.com/<provider>`. */
    audience: z.nullable(z.string()),
  }),
  z.object({
    type: z.literal("oidc"),
    provider: z.literal("azure"),
    clientId: z.string(),
    tenantId: z.string(),
    subscriptionId: z.nullable(z.string()),
    audience: z.string(),
  }),
]);

/** Checks the plan's JSON with a policy tool. */
export const Policy = z.object({
  type: z.literal("policy"),
  tool: z.enum(["checkov", "conftest", "opa"]),
  env: Env,
  extraArgs: z.array(z.string()),
  gate: z.nullable(Gate),
  ignoreErrors: z.boolean(),
  runOn: RunOn,
  visibleOn: RunOn,
  /** Of `opa` alone. */
  failOn: z.nullable(z.enum(["defined", "undefined"])),
});

/** A program that prints which approvals are needed. Its failure fails the dirspace: no answer is not "none". */
export const GatesStep = z.object({
  type: z.literal("gates"),
  cmd: z.array(z.string()),
  env: Env,
  runOn: RunOn,
});

export const Slack = z.object({ type: z.literal("slack"), message: z.string(), runOn: RunOn });
/** Posts to an address of the customer's; `$NAME` in its texts are variables of the environment. */
export const Webhook = z.object({
  type: z.literal("webhook"),
  /** May be a variable alone, where the address is a secret. */
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Null: a JSON object that says what ran, where and how it went. */
  body: z.nullable(z.string()),
  runOn: RunOn,
});
export const DriftCreateIssue = z.object({
  type: z.literal("drift_create_issue"),
  groupBy: z.enum(["all", "dirspace"]),
});

/**
 * What an older runner makes of a step that only newer servers send: it fails there with a reason, and
 * the rest of the run is not lost with it. Never sent.
 */
export const UnknownStep = z.object({ type: z.literal("unknown"), name: z.string() });

/** A step of a workflow, as configured; the runner knows how. */
export const WorkStep = z.union([
  Init,
  Plan,
  Apply,
  Run,
  EnvStep,
  Oidc,
  Policy,
  GatesStep,
  Slack,
  Webhook,
  UnknownStep,
]);
export type WorkStep = z.infer<typeof WorkStep>;

/** Runs once per run, in the root of the checkout. */
export const WorkHook = z.union([
  Run,
  EnvStep,
  Oidc,
  GatesStep,
  Slack,
  Webhook,
  DriftCreateIssue,
  UnknownStep,
]);
export type WorkHook = z.infer<typeof WorkHook>;

export const STEP_REPORTS_MAX = 200;
export const STEP_TEXT_CHARS_MAX = 20_000;

/** What one step did, for people. */
export const StepReport = z.object({
  /** The type of the step, or the tool of a policy step. */
  step: z.string().check(z.maxLength(40)),
  /** As a person would type it, masked; empty where the step is no command. */
  title: z.string().check(z.maxLength(500)),
  /** `ignored`: it failed, and that does not count. */
  outcome: z.enum(["succeeded", "failed", "ignored", "gated"]),
  visibleOn: RunOn,
  format: OutputFormat,
  text: z.string().check(z.maxLength(STEP_TEXT_CHARS_MAX)),
  exitCode: z.nullable(z.number()),
  durationMs: z.number(),
});
export type StepReport = z.infer<typeof StepReport>;
export const StepReports = z.array(StepReport).check(z.maxLength(STEP_REPORTS_MAX));
