import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { capture, type Env, findProgram } from "../process.ts";
import type { Stop } from "../stop.ts";
import { failureOf } from "../text.ts";
import type { StepFailed } from "./engine.ts";

export type Tool = "terraform" | "tofu" | "terragrunt";

/** What the configuration asks for. */
export interface WantedTool {
  readonly tool: Tool;
  /** Replaces the program, and with it every question about its version. */
  readonly command: string | null;
  readonly version: string | null;
}

export interface LocatedTool {
  readonly kind: "found";
  /** Absolute path. */
  readonly program: string;
  /** What people call it. */
  readonly label: string;
}

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
 * The program of a tool. Never its twin: terraform and tofu write state that the other may not read, so
 * a missing engine is an error with a next step and not a surprise.
 */
export async function locate(
  wanted: WantedTool,
  place: EnginePlace,
): Promise<LocatedTool | StepFailed> {
  const name = wanted.command ?? wanted.tool;
  const program = await findProgram(name, place.env, place.root);
  if (program === undefined) return await missing(wanted, place);
  const located = { kind: "found", program, label: name.split("/").at(-1) ?? name } as const;
  // Who names a command of their own has chosen its version with it.
  const version = wanted.command === null ? await wantedVersion(wanted, place) : undefined;
  if (version === undefined) return located;
  const found = await installedVersion(program, place);
  if (found === undefined || found === version) return located;
  return {
    kind: "failed",
    failure: failureOf(
      "engine",
      `${wanted.tool} ${version} is configured, but this job has ${found}. A newer version can make the state ` +
        `unreadable for the configured one. Install ${wanted.tool} ${version} in the CI job, or change the version in the configuration.`,
    ),
  };
}

async function missing(wanted: WantedTool, place: EnginePlace): Promise<StepFailed> {
  const { tool, command, version } = wanted;
  if (command !== null) {
    const message = `The configured command "${command}" was not found on PATH. Install it in the CI job, or change the engine in the configuration.`;
    return { kind: "failed", failure: failureOf("engine", message) };
  }
  const twin =
    tool === "terragrunt" ? undefined : await findProgram(TWIN[tool], place.env, place.root);
  const instead =
    twin === undefined || tool === "terragrunt"
      ? ""
      : ` ${TWIN[tool]} is there, but is never used in its place; configure it as the engine if you mean it.`;
  const message = `${tool} was not found on PATH. Install ${tool}${version === null ? "" : ` ${version}`} in the CI job, then start the run again.${instead}`;
  return { kind: "failed", failure: failureOf("engine", message) };
}

/** An exact version only: version managers resolve ranges, and they answer for what they start. */
async function wantedVersion(wanted: WantedTool, place: EnginePlace): Promise<string | undefined> {
  const fromFile = wanted.tool === "terraform" ? await versionFile(place) : undefined;
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

/** As the program itself says it, in one of the forms that these tools have. */
export async function installedVersion(
  program: string,
  place: EnginePlace,
): Promise<string | undefined> {
  const { path: cwd, env, stop } = place;
  const run = await capture(
    { program, args: ["--version"], cwd, env, protect: false },
    { stop, graceMs: VERSION_TIMEOUT_MS, charsMax: VERSION_CHARS_MAX },
  );
  return /\bv?(\d+\.\d+\.\d+(?:-[\w.]+)?)\b/.exec(run.stdout.split("\n", 1)[0] ?? "")?.[1];
}
