import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { userConfig } from "../../providers/cli-config.ts";
import { LOCK_FILE, parseLock } from "../../providers/lock-file.ts";
import { failureOf } from "../../text.ts";
import type { ToolRun } from "../../tool.ts";
import { OK, type StepEnd, type UnitState } from "../../unit-state.ts";
import type { EngineStep } from "../engine.ts";

const PLUGIN_CACHE_LOCK = "plugin cache";
const PLATFORM = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * Lets inits run at the same time as far as they do not write the same file. The first init of a directory
 * goes alone, because it may complete the lock file that all its workspaces share; after it there is
 * nothing left to write. A cache of terraform's own is not made for many writers: while it lacks something
 * that this directory needs, one at a time.
 */
export async function sideBySide(
  state: UnitState,
  step: EngineStep,
  work: () => Promise<ToolRun>,
): Promise<ToolRun> {
  const { locks } = state.job;
  const config = await userConfig(step.env, []);
  const cache = config.kind === "theirs" ? config.pluginCacheDir : undefined;
  const filling = cache !== undefined && !(await holdsAll(cache, state.path));
  const one = () => firstAlone(state, step, work);
  return filling ? await locks.hold(PLUGIN_CACHE_LOCK, one) : await one();
}

async function firstAlone(
  state: UnitState,
  { args }: EngineStep,
  work: () => Promise<ToolRun>,
): Promise<ToolRun> {
  const { locks, once } = state.job;
  const key = `init ${state.path}`;
  // An upgrade writes the lock file whoever was there before.
  if (args.some((arg) => arg.startsWith("-upgrade"))) return await locks.hold(key, work);
  for (;;) {
    const first = once.get(key);
    if (first === undefined) {
      const run = work();
      once.set(
        key,
        settled(run, () => once.delete(key)),
      );
      return await run;
    }
    if ((await first).kind === "ok") return await work();
  }
}

async function settled(run: Promise<ToolRun>, giveUp: () => void): Promise<StepEnd> {
  const succeeded = await run.then(
    (ended) => ended.succeeded,
    () => false,
  );
  if (succeeded) return OK;
  giveUp();
  return { kind: "failed", failure: failureOf("init", "The first init of this directory failed.") };
}

async function holdsAll(cache: string, folder: string): Promise<boolean> {
  const locked = parseLock(await readFile(join(folder, LOCK_FILE), "utf8").catch(() => ""));
  if (locked.length === 0) return false;
  const there = await Promise.all(
    locked.map(({ source, version }) =>
      stat(join(cache, source, version, PLATFORM)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return there.every(Boolean);
}
