import type { Command } from "./engine.ts";
import type { Match } from "./match.ts";

/** One step of a workflow's `plan` or `apply` list, with its defaults filled in. */
export type Step =
  | InitStep
  | PlanStep
  | ApplyStep
  | RunStep
  | EnvExecStep
  | EnvSourceStep
  | OidcStep
  | PolicyStep
  | GatesStep
  | SlackStep
  | WebhookStep;

export type Env = Readonly<Record<string, string>>;

export interface InitStep {
  readonly type: "init";
  readonly env: Env;
  readonly extraArgs: Command;
}

export interface PlanStep {
  readonly type: "plan";
  readonly env: Env;
  readonly extraArgs: Command;
  readonly mode: "strict" | "fast-and-loose";
}

export interface ApplyStep {
  readonly type: "apply";
  readonly env: Env;
  readonly extraArgs: Command;
  readonly retry: Retry;
}

export interface Retry {
  readonly enabled: boolean;
  readonly tries: number;
  readonly initialSleepSeconds: number;
  readonly backoff: number;
}

export interface RunStep {
  readonly type: "run";
  readonly cmd: Command;
  readonly env: Env;
  readonly captureOutput: boolean;
  readonly format: OutputFormat;
  readonly ignoreErrors: boolean;
  readonly onError: readonly Gate[];
  readonly runOn: RunOn;
  readonly visibleOn: RunOn;
}

export type RunOn = "success" | "failure" | "always";

export type OutputFormat =
  | { readonly type: "code"; readonly lang?: string | undefined }
  | { readonly type: "raw" }
  | { readonly type: "markdown" };

/** Asks for approval before an apply, raised by a step that failed. */
export interface Gate {
  readonly allOf: readonly Match[];
  readonly anyOf: readonly Match[];
  readonly anyOfCount: number;
  readonly name?: string;
  readonly token?: string;
}

export interface EnvExecStep {
  readonly type: "env";
  readonly method: "exec";
  readonly name: string;
  readonly cmd: Command;
  readonly sensitive: boolean;
  readonly trimTrailingNewlines: boolean;
}

export interface EnvSourceStep {
  readonly type: "env";
  readonly method: "source";
  readonly cmd: Command;
  readonly sensitive: boolean;
}

/** Exchanges the CI system's identity token for credentials of a cloud. */
export type OidcStep = OidcAws | OidcGcp | OidcAzure;

export interface OidcAws {
  readonly type: "oidc";
  readonly provider: "aws";
  readonly roleArn: string;
  readonly assumeRoleArn?: string;
  readonly assumeRoleEnabled: boolean;
  readonly audience: string;
  readonly durationSeconds: number;
  readonly region: string;
  readonly sessionName: string;
}

export interface OidcGcp {
  readonly type: "oidc";
  readonly provider: "gcp";
  readonly serviceAccount: string;
  readonly workloadIdentityProvider: string;
  readonly accessTokenLifetimeSeconds: number;
  readonly accessTokenSubject?: string;
  readonly audience?: string;
  readonly projectId?: string;
}

export interface OidcAzure {
  readonly type: "oidc";
  readonly provider: "azure";
  readonly clientId: string;
  readonly tenantId: string;
  readonly subscriptionId?: string;
  readonly audience: string;
}

/** Checks the plan with a policy tool. */
export interface PolicyStep {
  readonly type: "policy";
  readonly tool: "checkov" | "conftest" | "opa";
  readonly env: Env;
  readonly extraArgs: Command;
  /** Who may let a failure pass; with it a failure does not fail the plan. */
  readonly gate?: Gate;
  readonly ignoreErrors: boolean;
  readonly runOn: RunOn;
  readonly visibleOn: RunOn;
  /** Of `opa`: which answer is a failure. */
  readonly failOn?: "defined" | "undefined";
}

/** Its output is JSON that lists gates. */
export interface GatesStep {
  readonly type: "gates";
  readonly cmd: Command;
  readonly env: Env;
  readonly runOn: RunOn;
}

/** Sends a message to a chat channel. */
export interface SlackStep {
  readonly type: "slack";
  readonly message: string;
  readonly runOn: RunOn;
}

/** Posts to an address. */
export interface WebhookStep {
  readonly type: "webhook";
  readonly url: string;
  readonly headers: Env;
  readonly body?: string;
  readonly runOn: RunOn;
}

/** A hook only: opens an issue when a drift run finds changes. */
export interface DriftCreateIssueStep {
  readonly type: "drift_create_issue";
  readonly groupBy: "all" | "dirspace";
}
