import { unreachable } from "../../base/unreachable.ts";
import type { WorkStep } from "../../contract/step.ts";
import { expandArgv } from "../template.ts";
import { awsCredentials } from "./aws.ts";
import { azureCredentials } from "./azure.ts";
import { type Credentials, type Exchange, OidcRefused } from "./exchange.ts";
import { gcpCredentials } from "./gcp.ts";

type OidcStep = Extract<WorkStep, { type: "oidc" }>;

/** Credentials that end sooner than this are asked for again before the next step. */
const FRESH_MS = 5 * 60_000;

/**
 * Credentials of one job: each is exchanged once, however many dirspaces and hooks ask for it, and again before it
 * ends. A failure is not remembered.
 */
export class JobCredentials {
  readonly #exchange: Exchange;
  readonly #known = new Map<string, Promise<Credentials>>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Throws `OidcRefused` with what the person who configured it can do. */
  async get(step: OidcStep, env: Exchange["env"]): Promise<Credentials> {
    const wanted = expanded(step, env);
    const id = JSON.stringify(wanted);
    const known = this.#known.get(id);
    if (known !== undefined) {
      const credentials = await known;
      if (this.#isFresh(credentials)) return credentials;
      if (this.#known.get(id) !== known) return await this.get(step, env);
    }
    const asked = exchanged({ ...this.#exchange, env }, wanted);
    this.#known.set(id, asked);
    try {
      return await asked;
    } catch (error) {
      if (this.#known.get(id) === asked) this.#known.delete(id);
      throw error;
    }
  }

  #isFresh({ expiresAt }: Credentials): boolean {
    return (
      expiresAt === undefined || expiresAt.getTime() - this.#exchange.now().getTime() > FRESH_MS
    );
  }
}

async function exchanged(exchange: Exchange, step: OidcStep): Promise<Credentials> {
  switch (step.provider) {
    case "aws":
      return await awsCredentials(exchange, step);
    case "gcp":
      return await gcpCredentials(exchange, step);
    case "azure":
      return await azureCredentials(exchange, step);
    default:
      return unreachable(step);
  }
}

/** Every text of the step is a template over the environment, expanded once. */
function expanded<S extends OidcStep>(step: S, env: Exchange["env"]): S {
  const entries = Object.entries(step).map(([name, value]): [string, unknown] => {
    if (typeof value !== "string" || name === "type" || name === "provider") return [name, value];
    const result = expandArgv([value], env);
    if (result.kind === "missing") {
      throw new OidcRefused(
        `The option ${name} of the oidc step names $${result.name}, which this job does not have.`,
      );
    }
    return [name, result.argv[0] ?? ""];
  });
  return { ...step, ...Object.fromEntries(entries) };
}
