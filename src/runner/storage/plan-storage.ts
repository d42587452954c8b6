import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { findProgram } from "../process.ts";
import { expandArgv, expandEnv } from "../template.ts";
import { failureOf } from "../text.ts";
import { runTool, toolFailure } from "../tool.ts";
import type { StepEnd, UnitState } from "../unit-state.ts";
import { type StorageCommands, storageCommands } from "./commands.ts";

type Failed = Extract<StepEnd, { kind: "failed" }>;
type Bytes = { readonly kind: "ok"; readonly bytes: Uint8Array } | Failed;

/** Begins what the server keeps of a plan that is stored elsewhere: what to do with it, and nothing of it. */
const MAGIC = "TRNS1\n";

/** Brings a sealed plan to where plans wait; gives what the server keeps. */
export async function storeSealed(state: UnitState, sealed: Buffer): Promise<Bytes> {
  const { unit, job } = state;
  const [date = "", time = ""] = new Date().toISOString().slice(0, 19).split("T");
  const commands = storageCommands(job.work.storage ?? { method: "server" }, {
    dir: unit.dir,
    workspace: unit.workspace,
    date,
    time: time.replaceAll(":", ""),
    token: randomBytes(8).toString("hex"),
  });
  if (commands === undefined) return { kind: "ok", bytes: sealed };
  const file = `${state.planFile}.sealed`;
  await writeFile(file, sealed, { mode: 0o600 });
  const stored = await runCommand(state, commands, commands.store, { plan_path: file });
  await rm(file, { force: true });
  if (stored.kind === "failed") return stored;
  const { fetch, delete: remove, env } = commands;
  const kept = `${MAGIC}${JSON.stringify({ fetch, delete: remove, env })}`;
  return { kind: "ok", bytes: Buffer.from(kept, "utf8") };
}

/** The sealed plan, from the server or from where its words lead. */
export async function fetchSealed(state: UnitState, kept: Uint8Array): Promise<Bytes> {
  const commands = commandsIn(kept);
  if (commands === undefined) return { kind: "ok", bytes: kept };
  const file = `${state.planFile}.sealed`;
  const fetched = await runCommand(state, commands, commands.fetch, { plan_dst_path: file });
  if (fetched.kind === "failed") return fetched;
  const bytes = await readFile(file).catch(() => undefined);
  await rm(file, { force: true });
  if (bytes === undefined) return failed("The command that fetches plans wrote no file.");
  state.usedPlan = commands;
  return { kind: "ok", bytes };
}

/** Only after the apply: one that failed can be tried again with the plan that was reviewed. */
export async function deleteUsed(state: UnitState): Promise<void> {
  const commands = state.usedPlan;
  if (commands?.delete === undefined || commands.delete === null) return;
  const deleted = await runCommand(state, commands, commands.delete, {});
  if (deleted.kind === "failed") {
    await state.output.say(`The used plan could not be deleted: ${deleted.failure.message}`);
  }
}

function commandsIn(kept: Uint8Array): Omit<StorageCommands, "store"> | undefined {
  const bytes = Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) return undefined;
  return JSON.parse(bytes.toString("utf8", MAGIC.length)) as Omit<StorageCommands, "store">;
}

async function runCommand(
  state: UnitState,
  commands: Pick<StorageCommands, "env">,
  command: readonly string[],
  places: Readonly<Record<string, string>>,
): Promise<{ readonly kind: "ok" } | Failed> {
  const env = expandEnv(commands.env, state.env);
  if (env.kind === "missing") return missing(env.name);
  const argv = expandArgv(command, { ...env.env, ...places });
  if (argv.kind === "missing") return missing(argv.name);
  const [label = "", ...args] = argv.argv;
  const program = await findProgram(label, env.env, state.path);
  if (program === undefined) {
    return failed(
      `The program "${label}" of the plan storage was not found. Install it in the CI job, or correct \`storage.plans\`.`,
    );
  }
  const run = await runTool(state, { program, label, args, env: env.env });
  if (run.succeeded) return { kind: "ok" };
  const failure = toolFailure(state, "storage", label, { ended: run.ended, tail: run.text() });
  return { kind: "failed", failure };
}

function missing(name: string): Failed {
  return failed(
    `ERROR: Missing environment variable: ${name}. \`storage.plans\` names it. Set it in the CI job or in an env step.`,
  );
}

function failed(message: string): Failed {
  return { kind: "failed", failure: failureOf("storage", message) };
}
