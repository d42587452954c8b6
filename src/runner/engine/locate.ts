import { dirname } from "node:path";
import { type Env, findProgram } from "../process.ts";
import { failureOf } from "../text.ts";
import type { StepFailed } from "./engine.ts";
import type { Toolchain } from "./toolchain.ts";
import { type Tool, type Wish, wishOf } from "./version/wish.ts";

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
  /** To be put before PATH, so that scripts find the same program under its name. */
  readonly folder: string | undefined;
}

export interface EnginePlace {
  /** The checkout. */
  readonly root: string;
  /** The dirspace's directory, absolute. */
  readonly path: string;
  readonly env: Env;
  readonly toolchain: Toolchain;
}

const TWIN = { terraform: "tofu", tofu: "terraform" } as const;

/**
 * The program of a tool. Never its twin: terraform and tofu write state that the other may not read, so
 * a missing engine is an error with a next step and not a surprise.
 */
export async function locate(
  { tool, command, version }: WantedTool,
  place: EnginePlace,
): Promise<LocatedTool | StepFailed> {
  if (command !== null) return await locateCommand(command, place);
  const wish = await wishOf(tool, version, place);
  const resolved = await place.toolchain.resolve(tool, wish, place.path);
  if (resolved.kind === "failed") return await missing(tool, wish, resolved.message, place);
  const { program, onPath } = resolved;
  return { kind: "found", program, label: tool, folder: onPath ? undefined : dirname(program) };
}

/** PATH with the folders of programs that were fetched before it. */
export function pathWith(env: Env, ...tools: readonly LocatedTool[]): Env {
  const folders = tools.flatMap(({ folder }) => folder ?? []);
  if (folders.length === 0) return {};
  return { PATH: [...new Set(folders), env["PATH"] ?? ""].join(":") };
}

/** Who names a command of their own has chosen its version with it. */
export async function locateCommand(
  command: string,
  { env, root }: EnginePlace,
): Promise<LocatedTool | StepFailed> {
  const program = await findProgram(command, env, root);
  const label = command.split("/").at(-1) ?? command;
  if (program !== undefined) return { kind: "found", program, label, folder: undefined };
  const message = `The configured command "${command}" was not found on PATH. Install it in the CI job, or change the engine in the configuration.`;
  return { kind: "failed", failure: failureOf("engine", message) };
}

async function missing(
  tool: Tool,
  wish: Wish,
  why: string,
  place: EnginePlace,
): Promise<StepFailed> {
  const there = await findProgram(tool, place.env, place.root);
  const said = there === undefined ? undefined : await place.toolchain.version(there, place.path);
  const asked = wordsOf(wish);
  const begin =
    there === undefined
      ? `${tool} was not found on PATH. Install ${tool}${asked === "" ? "" : ` ${asked}`} in the CI job, or let it be fetched.`
      : `${tool} ${asked} is configured, but this job has ${said ?? "another version"}. A newer version can make the state ` +
        `unreadable for the configured one. Install ${tool} ${asked} in the CI job, change the version in the configuration, or let it be fetched.`;
  const message = `${begin} ${why}${await twinHint(tool, there, place)}`;
  return { kind: "failed", failure: failureOf("engine", message) };
}

async function twinHint(
  tool: Tool,
  there: string | undefined,
  { env, root }: EnginePlace,
): Promise<string> {
  if (tool === "terragrunt" || there !== undefined) return "";
  const twin = TWIN[tool];
  if ((await findProgram(twin, env, root)) === undefined) return "";
  return ` ${twin} is there, but is never used in its place; configure it as the engine if you mean it.`;
}

function wordsOf(wish: Wish): string {
  switch (wish.kind) {
    case "exact":
      return wish.version;
    case "range":
    case "unreadable":
      return wish.text;
    case "latest":
      return "latest";
    case "any":
      return "";
  }
}
