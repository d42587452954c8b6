import type { Failure } from "../contract/work.ts";
import { withoutMaskCommands } from "./mask-command.ts";
import { type Ended, runProcess } from "./process.ts";
import type { Scope } from "./scope.ts";
import { elide, failureOf } from "./text.ts";

export interface ToolCall {
  readonly program: string;
  /** For people, before the arguments. */
  readonly label: string;
  readonly args: readonly string[];
  /** The unit's directory if it is not said. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly protect?: boolean;
  /** Which lines may be shown at once; others wait for `release`, when the secrets in them are known. */
  readonly live?: (line: string, stream: "stdout" | "stderr") => boolean;
}

export interface ToolRun {
  readonly ended: Ended;
  readonly succeeded: boolean;
  /** Both streams as they came, not yet masked. */
  readonly text: () => string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Shows what was held back, all of it or only the errors. */
  readonly release: (what: "all" | "stderr") => Promise<void>;
}

/** Text of one command kept for messages; a log beyond this is on the server in full. */
const KEPT_CHARS_MAX = 4_000_000;

/** Runs a tool in the directory of its scope and streams what it says to the log. */
export async function runTool(state: Scope, call: ToolCall): Promise<ToolRun> {
  const { job, output } = state;
  await output.command([call.label, ...call.args].map(shown).join(" "));
  const all = keeper();
  const errors = keeper();
  const said = keeper();
  const held: { readonly line: string; readonly stream: "stdout" | "stderr" }[] = [];
  const sinkOf = (stream: "stdout" | "stderr") => {
    const live = call.live;
    const writer = output.writer();
    let partial = "";
    const judge = async (line: string) => {
      if (live === undefined || live(line, stream)) await writer.write(line);
      else held.push({ line, stream });
    };
    const sink = async (text: string) => {
      all.add(text);
      if (stream === "stderr") errors.add(text);
      else said.add(text);
      if (live === undefined) return await writer.write(text);
      const lines = (partial + text).split("\n");
      partial = lines.pop() ?? "";
      for (const line of lines) await judge(`${line}\n`);
    };
    const end = async () => {
      if (partial !== "") await judge(`${partial}\n`);
      await writer.end();
    };
    return { sink, end };
  };
  const stdout = sinkOf("stdout");
  const stderr = sinkOf("stderr");
  const ended = await runProcess(
    {
      program: call.program,
      args: call.args,
      cwd: call.cwd ?? state.path,
      env: call.env ?? state.env,
      protect: call.protect ?? false,
    },
    { stdout: stdout.sink, stderr: stderr.sink, stop: job.stop, graceMs: job.graceMs },
  );
  await stdout.end();
  await stderr.end();
  return {
    ended,
    succeeded: ended.kind === "exited" && ended.code === 0,
    text: all.text,
    stdout: said.text,
    stderr: errors.text,
    release: async (what) => {
      const writer = output.writer();
      for (const each of held.splice(0)) {
        if (what === "all" || each.stream === "stderr") await writer.write(each.line);
      }
      await writer.end();
    },
  };
}

/** Why a tool ended the unit, in words for the pull request. */
export function toolFailure(
  state: Scope,
  step: string,
  label: string,
  run: Pick<ToolRun, "ended"> & { readonly tail: string },
): Failure {
  const { reason } = state.job.stop;
  const cancelled = reason === undefined ? "" : ` ${reason}`;
  const { ended, tail } = run;
  if (ended.kind === "not_started") {
    const message = reason ?? `${label} could not be started: ${ended.message}`;
    return failureOf(step, message, { tail });
  }
  const facts = { tail, exitCode: ended.code, signal: ended.signal };
  if (ended.signal !== null) {
    const message = `${label} was ended by ${ended.signal}.${cancelled || " Often the machine ran out of memory; otherwise someone or something killed it."}`;
    return failureOf(step, message, facts);
  }
  return failureOf(step, `${label} ended with exit code ${ended.code}.${cancelled}`, facts);
}

function keeper() {
  let text = "";
  return {
    add: (more: string): void => {
      text += more;
      if (text.length > 2 * KEPT_CHARS_MAX) text = elide(text, KEPT_CHARS_MAX);
    },
    // What told us a secret is not itself worth telling.
    text: () => withoutMaskCommands(text),
  };
}

/** As a person would type it; only for reading, nothing is ever run from it. */
function shown(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
