import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Masker } from "../mask.ts";
import { maskCommandsIn, withoutMaskCommands } from "../mask-command.ts";
import { type Captured, capture, type Env } from "../process.ts";
import { Stop } from "../stop.ts";
import { elide, lastLinesOf } from "../text.ts";

/** The builder's key in the configuration, and what is run for it. */
export interface Script {
  readonly name: "tree_builder" | "config_builder";
  readonly text: string;
  readonly stdin?: string | undefined;
  /** The root of the repository. */
  readonly cwd: string;
  readonly env: Env;
}

export interface ScriptOptions {
  readonly masker: Masker;
  readonly stop: Stop;
  readonly graceMs: number;
  /** Where the script is put; it is nobody else's. */
  readonly folder: string;
  readonly charsMax: number;
  readonly timeoutMs?: number;
  readonly log: (line: string) => void;
}

export type Printed =
  /** Without a secret in it, so that it can leave the job as it is. */
  | { readonly kind: "printed"; readonly stdout: string }
  /** For people; secrets are hidden in it. */
  | { readonly kind: "failed"; readonly message: string };

/** Longer than any builder that people wait for; a script that hangs must not hold the CI job for hours. */
const TIMEOUT_MS = 10 * 60_000;
const SAID_LINES = 15;
const SAID_CHARS_MAX = 1_200;
const WORD_CHARS_MAX = 100;

/** Runs the script of a builder: by what its first line names, else by bash. */
export async function runScript(script: Script, options: ScriptOptions): Promise<Printed> {
  const file = join(options.folder, script.name);
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const text = script.text.startsWith("#!") ? script.text : `#!/usr/bin/env bash\n${script.text}`;
  await writeFile(file, text, { mode: 0o700 });
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const { stop, end } = endingAfter(timeoutMs, options.stop);
  const startedAt = performance.now();
  options.log(`Running the script of ${script.name}`);
  const { stdin, cwd, env } = script;
  const run = await capture(
    {
      program: file,
      args: [],
      cwd,
      env,
      protect: false,
      ...(stdin === undefined ? {} : { stdin }),
    },
    { stop, graceMs: options.graceMs, charsMax: options.charsMax },
  );
  end();
  options.masker.addAll(maskCommandsIn(`${run.stdout}\n${run.stderr}`));
  const said = options.masker.mask(withoutMaskCommands(run.stderr)).trimEnd();
  if (said !== "") options.log(elide(said));
  options.log(`${script.name}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  const stopped =
    options.stop.reason ?? (stop.reason === undefined ? undefined : tooLong(timeoutMs));
  const wrong = stopped ?? problemOf(run, options.charsMax);
  if (wrong !== undefined) {
    return { kind: "failed", message: `${wrong}${lastWords(run, options.masker)}` };
  }
  return unaltered(withoutMaskCommands(run.stdout), options.masker);
}

/** An answer with stars in it would be another one: a file that is not in the list is not planned. */
function unaltered(stdout: string, masker: Masker): Printed {
  const masked = masker.mask(stdout);
  if (masked === stdout) return { kind: "printed", stdout };
  const message = `The script printed a value that is hidden as a secret (\`${firstHidden(stdout, masked)}\`). An answer with stars in its place would mean something else, so it is not used. Have the script print no secret. Where the value is none, give the CI job's variable that holds it a name without TOKEN, SECRET and the like, and take it out of SECRETS_CONTEXT.`;
  return { kind: "failed", message };
}

/** The word around the first stars, as far as it can be shown. */
function firstHidden(text: string, masked: string): string {
  let at = 0;
  while (masked[at] === text[at]) at += 1;
  const before = /[^\s"'`]*$/.exec(masked.slice(Math.max(0, at - WORD_CHARS_MAX), at))?.[0] ?? "";
  return before + (/^[^\s"'`]*/.exec(masked.slice(at, at + WORD_CHARS_MAX))?.[0] ?? "");
}

function problemOf({ ended, overflow }: Captured, charsMax: number): string | undefined {
  if (ended.kind === "not_started") return `The script could not be started: ${ended.message}`;
  if (ended.code !== 0) {
    const how = ended.code === null ? `by ${ended.signal}` : `with exit code ${ended.code}`;
    return `The script ended ${how}.`;
  }
  return overflow ? `The script printed more than ${charsMax} characters.` : undefined;
}

function tooLong(timeoutMs: number): string {
  return `The script was stopped after ${Math.round(timeoutMs / 60_000)} minutes.`;
}

/** What went wrong stands at the end, and mostly on the second stream. */
function lastWords({ stdout, stderr }: Captured, masker: Masker): string {
  const spoken = stderr.trim() === "" ? stdout : stderr;
  const text = masker.mask(withoutMaskCommands(spoken)).trim();
  if (text === "") return " It said nothing on its standard error.";
  return ` It said: ${elide(lastLinesOf(text, SAID_LINES), SAID_CHARS_MAX)}`;
}

/** Ends with the job, or by itself. */
function endingAfter(ms: number, job: Stop): { readonly stop: Stop; readonly end: () => void } {
  const stop = new Stop();
  const timer = setTimeout(() => stop.request(tooLong(ms)), ms);
  const unwatch = job.watch(() => {
    if (job.reason !== undefined) stop.request(job.reason, job.toolsKnow);
    if (job.forced) stop.force();
  });
  return {
    stop,
    end: () => {
      clearTimeout(timer);
      unwatch();
    },
  };
}
