import { type Captured, capture, type Env } from "./process.ts";
import type { Stop } from "./stop.ts";

/** Runs git with these arguments and keeps what it says. */
export type Git = (args: readonly string[]) => Promise<Captured>;

const OUTPUT_CHARS_MAX = 4_000_000;

/** No hooks, no signing, no prompts, no helper programs named by a URL; and a name, without which git does not merge. */
const GIT_OPTIONS = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.quotePath", "false"],
  ["commit.gpgSign", "false"],
  ["merge.verifySignatures", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["advice.detachedHead", "false"],
  ["protocol.ext.allow", "never"],
  ["user.name", "Terrane"],
  ["user.email", "terrane@localhost"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);

/** Variables of an outer git that would lead ours to another repository. */
const GIT_VARIABLES_DROPPED = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
];

export function gitAt(
  program: string,
  cwd: string,
  options: { readonly env: Env; readonly stop: Stop; readonly graceMs: number },
): Git {
  const env = gitEnv(options.env);
  return (args) =>
    capture(
      { program, args: [...GIT_OPTIONS, ...args], cwd, env, protect: false },
      { stop: options.stop, graceMs: options.graceMs, charsMax: OUTPUT_CHARS_MAX },
    );
}

export function succeeded(run: Captured): boolean {
  return run.ended.kind === "exited" && run.ended.code === 0;
}

export function said(run: Captured): string {
  return run.ended.kind === "not_started" ? run.ended.message : (run.stderr || run.stdout).trim();
}

function gitEnv(env: Env): Env {
  const kept = Object.entries(env).filter(([name]) => !GIT_VARIABLES_DROPPED.includes(name));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0", GIT_MERGE_AUTOEDIT: "no" };
}
