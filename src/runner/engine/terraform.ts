import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WorkEngine } from "../../contract/engine.ts";
import type { Failure } from "../../contract/work.ts";
import { capture, type Env, findProgram } from "../process.ts";
import type { Stop } from "../stop.ts";
import { failureOf } from "../text.ts";

type TerraformEngine = Extract<WorkEngine, { name: "terraform" | "tofu" }>;

export interface Engine {
  /** Absolute path of the binary. */
  readonly program: string;
  /** What people call it. */
  readonly label: string;
}

export type FoundEngine =
  | { readonly kind: "found"; readonly engine: Engine }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface EnginePlace {
  /** The checkout. */
  readonly root: string;
  /** The dirspace's directory, absolute. */
  readonly path: string;
  readonly env: Env;
  readonly stop: Stop;
}

const EXACT_VERSION = /^v?(\d+\.\d+\.\d+(?:-[\w.]+)?)$/;
const VERSION_TIMEOUT_MS = 30_000;
const VERSION_CHARS_MAX = 200_000;
const TWIN = { terraform: "tofu", tofu: "terraform" } as const;

/**
 * The binary of a unit. Never its twin: terraform and tofu write state that the other may not read, so
 * a missing engine is an error with a next step and not a surprise.
 */
export async function findEngine(
  wanted: TerraformEngine,
  place: EnginePlace,
): Promise<FoundEngine> {
  const name = wanted.command ?? wanted.name;
  const program = await findProgram(name, place.env, place.root);
  if (program === undefined) return await missing(wanted, place);
  const engine: Engine = { program, label: name.split("/").at(-1) ?? name };
  // Who names a command of their own has chosen its version with it.
  const version = wanted.command === null ? await wantedVersion(wanted, place) : undefined;
  if (version === undefined) return { kind: "found", engine };
  const found = await installedVersion(engine, place);
  if (found === undefined || found === version) return { kind: "found", engine };
  return {
    kind: "failed",
    failure: failureOf(
      "engine",
      `${wanted.name} ${version} is configured, but this job has ${found}. A newer version can make the state ` +
        `unreadable for the configured one. Install ${wanted.name} ${version} in the CI job, or change the version in the configuration.`,
    ),
  };
}

async function missing(wanted: TerraformEngine, place: EnginePlace): Promise<FoundEngine> {
  const { name, command, version } = wanted;
  if (command !== null) {
    const message = `The configured command "${command}" was not found on PATH. Install it in the CI job, or change the engine in the configuration.`;
    return { kind: "failed", failure: failureOf("engine", message) };
  }
  const twin = await findProgram(TWIN[name], place.env, place.root);
  const instead =
    twin === undefined
      ? ""
      : ` ${TWIN[name]} is there, but is never used in its place; configure it as the engine if you mean it.`;
  const message = `${name} was not found on PATH. Install ${name}${version === null ? "" : ` ${version}`} in the CI job, then start the run again.${instead}`;
  return { kind: "failed", failure: failureOf("engine", message) };
}

/** An exact version only: version managers resolve ranges, and they answer for what they start. */
async function wantedVersion(
  wanted: TerraformEngine,
  place: EnginePlace,
): Promise<string | undefined> {
  const fromFile = wanted.name === "terraform" ? await versionFile(place) : undefined;
  return EXACT_VERSION.exec(fromFile ?? wanted.version ?? "")?.[1];
}

/** The nearest `.terraform-version` up to the root of the repository wins over the configuration. */
async function versionFile(place: EnginePlace): Promise<string | undefined> {
  for (let folder = place.path; ; folder = dirname(folder)) {
    const text = await readFile(join(folder, ".terraform-version"), "utf8").catch(() => undefined);
    if (text !== undefined) return text.trim();
    if (folder === place.root || folder === dirname(folder)) return undefined;
  }
}

async function installedVersion(engine: Engine, place: EnginePlace): Promise<string | undefined> {
  const { program } = engine;
  const { path: cwd, env, stop } = place;
  const run = await capture(
    { program, args: ["version", "-json"], cwd, env, protect: false },
    { stop, graceMs: VERSION_TIMEOUT_MS, charsMax: VERSION_CHARS_MAX },
  );
  try {
    const facts: unknown = JSON.parse(run.stdout);
    if (typeof facts !== "object" || facts === null || !("terraform_version" in facts)) return;
    return typeof facts.terraform_version === "string" ? facts.terraform_version : undefined;
  } catch {
    return undefined;
  }
}
