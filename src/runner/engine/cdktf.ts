import { readFile } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import type { WorkEngine } from "../../contract/engine.ts";
import { findProgram } from "../process.ts";
import { failureOf } from "../text.ts";
import { runTool, toolFailure } from "../tool.ts";
import { OK, type StepEnd, type UnitState } from "../unit-state.ts";
import type { Engine, EngineStep } from "./engine.ts";
import { type EnginePlace, pathWith } from "./locate.ts";
import type { Opened } from "./open-engine.ts";
import { members } from "./outputs.ts";
import { terraformEngine } from "./terraform/terraform.ts";
import { locateBelow } from "./terragrunt.ts";

type Wanted = Extract<WorkEngine, { name: "cdktf" }>;

const OUT = "cdktf.out";

/** Code that is synthesised to terraform's, which then plans and applies; the workspace names the stack. */
export async function openCdktf(wanted: Wanted, place: EnginePlace): Promise<Opened> {
  const below = await locateBelow(wanted, place);
  if (below.kind === "failed") return below;
  const program = await findCdktf(wanted.command ?? "cdktf", place);
  if (program === undefined) {
    const message = `${wanted.command ?? "cdktf"} was not found on PATH or in node_modules/.bin of the directory. Install cdktf-cli in the CI job, or with a run step or hook before init.`;
    return { kind: "failed", failure: failureOf("engine", message) };
  }
  let folder: string | undefined;
  const terraform = terraformEngine({
    program: below.program,
    label: wanted.tfCmd,
    terraform: below.program,
    environment: {
      ...pathWith(place.env, below),
      TERRAFORM_BINARY_NAME: below.program,
      CI: "1",
    },
    workspacePrefix: [],
    keepsState: false,
    selectsWorkspace: false,
    collectOutputs: wanted.collectOutputs,
    folder: () => folder,
  });
  const init = async (state: UnitState, step: EngineStep): Promise<StepEnd> => {
    const synthesised = await synthesise(state, program, step);
    if (synthesised.kind !== "ok") return synthesised;
    const found = await stackFolder(state);
    if (typeof found !== "string") return found;
    folder = found;
    return await terraform.init(state, step);
  };
  const engine: Engine = { ...terraform, init };
  return { kind: "open", engine };
}

/** Installed for the project as often as for the machine. */
async function findCdktf(name: string, place: EnginePlace): Promise<string | undefined> {
  const local = ["node_modules/.bin/cdktf"].flatMap((below) => [
    join(place.path, below),
    join(place.root, below),
  ]);
  const candidates = name === "cdktf" ? [name, ...local] : [name];
  for (const candidate of candidates) {
    const found = await findProgram(candidate, place.env, place.root);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Once for a directory and job: all its stacks come out of one synthesis. */
async function synthesise(
  state: UnitState,
  program: string,
  { env }: EngineStep,
): Promise<StepEnd> {
  const { once } = state.job;
  const key = `cdktf ${program} ${state.path}`;
  const before = once.get(key);
  if (before !== undefined) {
    await state.output.say(
      "The code of this directory is synthesised by another unit of this job.",
    );
    return await before;
  }
  const work = (async (): Promise<StepEnd> => {
    for (const verb of ["get", "synth"]) {
      const run = await runTool(state, { program, label: "cdktf", args: [verb], env });
      if (run.succeeded) continue;
      const facts = { ended: run.ended, tail: run.text() };
      return { kind: "failed", failure: toolFailure(state, "init", `cdktf ${verb}`, facts) };
    }
    return OK;
  })();
  once.set(key, work);
  return await work;
}

/** Where the manifest says that the stack of this workspace lies. */
async function stackFolder(state: UnitState): Promise<string | StepEnd> {
  const out = join(state.path, OUT);
  const text = await readFile(join(out, "manifest.json"), "utf8").catch(() => "");
  const stacks = members(JSON.stringify(members(text)["stacks"] ?? {}));
  const { workspace } = state.unit;
  const stack: unknown = Object.hasOwn(stacks, workspace) ? stacks[workspace] : undefined;
  const directory =
    typeof stack === "object" && stack !== null && "workingDirectory" in stack
      ? stack.workingDirectory
      : undefined;
  if (typeof directory !== "string") {
    const names = Object.keys(stacks).map((name) => `"${name}"`);
    const message = `The synthesised code has no stack "${workspace}"; its stacks are ${names.join(", ") || "none"}. The workspace of a cdktf directory is the name of a stack: set \`workspaces\` of this directory.`;
    return { kind: "failed", failure: failureOf("init", message) };
  }
  const inside = normalize(directory);
  if (isAbsolute(inside) || inside === ".." || inside.startsWith("../")) {
    const message = `The synthesised stack "${workspace}" lies outside ${OUT}.`;
    return { kind: "failed", failure: failureOf("init", message) };
  }
  return join(out, inside);
}
