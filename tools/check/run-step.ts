import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestCounts } from "../test-footer.ts";
import type { Step } from "./steps.ts";

export type StepResult =
  | { readonly state: "passed"; readonly ms: number; readonly counts?: TestCounts }
  | {
      readonly state: "failed";
      readonly ms: number;
      readonly output: string;
      readonly counts?: TestCounts;
    }
  | { readonly state: "left_out"; readonly because: string };

/** Enough to see what went wrong, not so much that the next step's line cannot be found. */
const OUTPUT_CHARACTERS_MAX = 60_000;

export async function runStep(step: Step): Promise<StepResult> {
  const started = performance.now();
  const countsFile = join(".cache", "check", `${step.name}.json`);
  mkdirSync(join(".cache", "check"), { recursive: true });
  rmSync(countsFile, { force: true });

  const deadline = started + step.minutesMax * 60_000;
  let output = "";
  let ok = true;
  for (const command of step.commands) {
    const ended = await runCommand(command, countsFile, deadline - performance.now());
    output += ended.output;
    ok &&= ended.ok;
  }
  const ms = performance.now() - started;
  if (step.tests !== true) return ok ? { state: "passed", ms } : failed(ms, output);

  if (!existsSync(countsFile)) return failed(ms, `${output}\nThe tests ended without a result.`);
  const counts = JSON.parse(readFileSync(countsFile, "utf8")) as TestCounts;
  if (ok && counts.passed + counts.failed + counts.skipped === 0) {
    return { state: "left_out", because: "there are no tests" };
  }
  if (ok && counts.failed === 0) return { state: "passed", ms, counts };
  return { ...failed(ms, output), counts };
}

function failed(ms: number, output: string) {
  return { state: "failed", ms, output: output.slice(-OUTPUT_CHARACTERS_MAX) } as const;
}

function runCommand(
  [program = "", ...args]: readonly string[],
  countsFile: string,
  msMax: number,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      // A group of its own, so that a stopped step takes its browsers and databases along.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: `${join(process.cwd(), "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
        NO_COLOR: "1",
        FORCE_COLOR: undefined,
        TEST_COUNTS: countsFile,
      },
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-4 * OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);

    const timer = setTimeout(() => {
      output += `\nStopped: took longer than its ${Math.round(msMax / 1000)} s.\n`;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, msMax);
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ ok: false, output: `${output}${error.message}\n` });
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ ok: code === 0, output });
    });
  });
}
