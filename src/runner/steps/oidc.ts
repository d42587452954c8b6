import type { WorkStep } from "../../contract/step.ts";
import { OidcRefused } from "../oidc/exchange.ts";
import type { Scope } from "../scope.ts";
import { failureOf } from "../text.ts";
import { OK, type StepEnd } from "../unit-state.ts";

type StepFailed = Extract<StepEnd, { kind: "failed" }>;
type OidcStep = Extract<WorkStep, { type: "oidc" }>;

/** Credentials that a step or a hook brought, as they were put into the environment. */
export interface Cloud {
  readonly step: OidcStep;
  readonly set: Readonly<Record<string, string>>;
}

/** Puts credentials of a cloud into the environment of the steps after it. */
export async function oidcStep(scope: Scope, step: OidcStep): Promise<StepEnd> {
  const got = await take(scope, step);
  if ("kind" in got) return got;
  scope.clouds.push(got);
  const names = Object.keys(got.set).join(", ");
  await scope.output.say(`Credentials of ${step.provider} are in ${names}.`);
  return OK;
}

/**
 * Renews what would end soon, before the next step. Variables that somebody else set since then are theirs: what a
 * script put there on purpose stays. Gives what kept it from that.
 */
export async function renewCredentials(scope: Scope): Promise<StepFailed | undefined> {
  for (const [at, { step, set }] of scope.clouds.entries()) {
    const isOurs = Object.entries(set).every(([name, value]) => scope.env[name] === value);
    if (!isOurs) continue;
    const got = await take(scope, step);
    if ("kind" in got) return got;
    scope.clouds[at] = got;
  }
  return undefined;
}

async function take(scope: Scope, step: OidcStep): Promise<Cloud | StepFailed> {
  try {
    const { env, secrets } = await scope.job.credentials.get(step, scope.env);
    scope.job.masker.addAll(secrets);
    scope.env = { ...scope.env, ...env };
    return { step, set: env };
  } catch (error) {
    if (!(error instanceof OidcRefused)) throw error;
    return { kind: "failed", failure: failureOf("oidc", error.message) };
  }
}
