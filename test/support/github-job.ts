import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { present } from "../../src/base/assert.ts";
import { git } from "./github-double/git.ts";
import type { GitHubDouble } from "./github-double/index.ts";
import { finishRun, jobEnvironment, startRun } from "./github-double/scene.ts";
import type { WorkflowRun } from "./github-double/world.ts";

export interface RanJob {
  readonly run: WorkflowRun;
  readonly log: string;
  readonly code: number | null;
  /** What it put on its own page. */
  readonly summary: string;
}

export interface JobMachine {
  readonly double: GitHubDouble;
  /** Homes and temporary files of the jobs. */
  readonly dir: string;
  /** Variables of the repository, as people set them in GitHub's settings. */
  readonly variables: Readonly<Record<string, string>>;
  /** Called when terraform is about to plan or apply; it waits until this is done. */
  readonly beforeTerraform: () => Promise<void>;
  /** Called between the end of the script and that of the run, which hosted runners take seconds for. */
  readonly afterScript: () => Promise<void>;
}

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A hosted runner: reads the workflow file of the run's own commit and runs the script of its last step with
 * the environment that the file gives it, as a process of its own. Steps that install tools are left out.
 */
export async function runJob(machine: JobMachine, run: WorkflowRun): Promise<RanJob> {
  const { double } = machine;
  const step = await lastStep(run);
  const github = jobEnvironment(double, run);
  const home = join(machine.dir, `job-${run.id}`);
  mkdirSync(home, { recursive: true });
  const gate = makeGate(home);
  const summary = join(home, "summary.md");
  writeFileSync(summary, "");
  await startRun(double, run);
  const child = spawn("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step.run], {
    cwd: home,
    detached: true,
    env: {
      PATH: `${gate.dir}:${process.env["PATH"] ?? ""}`,
      ...withoutToken(github),
      HOME: home,
      RUNNER_TEMP: home,
      GITHUB_STEP_SUMMARY: summary,
      ...valuesOf(step.env, { ...machine, github, inputs: run.inputs }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  run.cancel.signal.addEventListener("abort", () => child.kill("SIGINT"));
  const ending = endOf(child);
  await Promise.race([ending, gate.reached().then(machine.beforeTerraform)]);
  gate.open();
  const ended = await ending;
  await machine.afterScript();
  const conclusion = run.cancel.signal.aborted
    ? "cancelled"
    : ended.code === 0
      ? "success"
      : "failure";
  await finishRun(double, run, conclusion);
  return { run, ...ended, summary: readFileSync(summary, "utf8") };
}

interface Gate {
  /** First on PATH. */
  readonly dir: string;
  reached(): Promise<void>;
  open(): void;
}

/** A terraform that waits before it does something, so that a test sees what is shown meanwhile. */
function makeGate(home: string): Gate {
  const dir = join(home, "bin");
  mkdirSync(dir);
  const at = (name: string) => join(home, name);
  const script = `#!/bin/sh
case "$1" in plan|apply)
  : > "${at("reached")}"
  while [ ! -e "${at("open")}" ]; do sleep 0.05; done ;;
esac
PATH="\${PATH#${dir}:}"
exec terraform "$@"
`;
  writeFileSync(join(dir, "terraform"), script, { mode: 0o755 });
  return {
    dir,
    async reached() {
      while (!existsSync(at("reached")) && !existsSync(at("open"))) await sleep(50);
    },
    open: () => writeFileSync(at("open"), ""),
  };
}

async function lastStep(run: WorkflowRun): Promise<Required<Step>> {
  const text = await git(run.repository.gitDir, ["show", `${run.sha}:${run.workflow.path}`]);
  const { jobs } = parse(text) as { jobs: Record<string, { steps: readonly Step[] }> };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const { run: script, env = {} } = present(steps.at(-1), "the workflow has no step");
  return { run: present(script, "the last step runs nothing"), env };
}

/** A job has no token in its environment unless the workflow file puts it there. */
function withoutToken(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "GITHUB_TOKEN"));
}

interface Contexts {
  readonly variables: Readonly<Record<string, string>>;
  readonly github: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

/** `${{ vars.X }}`, `${{ inputs.x }}` and `${{ github.x }}`; anything else is an error, so that no test passes by chance. */
function valuesOf(
  env: Readonly<Record<string, string>>,
  { variables, github, inputs }: Contexts,
): Record<string, string> {
  const value = (context: string, name: string): string => {
    if (context === "vars") return variables[name] ?? "";
    if (context === "inputs") return inputs[name] ?? "";
    return present(github[`GITHUB_${name.toUpperCase()}`], `github.${name} is not there`);
  };
  const filled = (text: string) =>
    text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
      const read = /^ (vars|inputs|github)\.(\w+) $/.exec(expression);
      if (read === null) throw new Error(`the test cannot evaluate ${expression}`);
      return value(read[1] ?? "", read[2] ?? "");
    });
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text)]));
}

function endOf(
  child: ChildProcess,
): Promise<{ readonly log: string; readonly code: number | null }> {
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ log, code }));
  });
}
