import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { UnitState } from "../../unit-state.ts";

/** In the place of the data directory, which is another one in every job. */
const HERE = "$TERRANE_MODULES";
const MANIFEST = "modules.json";

/**
 * Modules that init fetched for a plan, for the init of its apply: the same commit reviewed, in the same
 * directory. Not for other commits, because nothing checks what a module's files should be. Nothing else of
 * a data directory is kept: its backend may hold credentials.
 */
export async function restoreModules(state: UnitState, dataDir: string): Promise<void> {
  const saved = placeOf(state);
  const modules = join(dataDir, "modules");
  if (saved === undefined || (await exists(modules)) || !(await exists(saved))) return;
  try {
    await cp(saved, modules, { recursive: true });
    const manifest = await readFile(join(modules, MANIFEST), "utf8");
    await writeFile(join(modules, MANIFEST), manifest.replaceAll(HERE, escaped(modules)));
    await state.output.say("Modules: those of the plan are there.");
  } catch {
    // Init fetches them again.
    await rm(modules, { recursive: true, force: true });
  }
}

export async function saveModules(state: UnitState, dataDir: string): Promise<void> {
  const saved = placeOf(state);
  const modules = join(dataDir, "modules");
  if (saved === undefined || (await exists(saved))) return;
  const manifest = await readFile(join(modules, MANIFEST), "utf8").catch(() => "");
  if (!manifest.includes(escaped(modules))) return;
  await mkdir(dirname(saved), { recursive: true });
  const temp = await mkdtemp(join(dirname(saved), ".save-"));
  try {
    await cp(modules, join(temp, "it"), { recursive: true });
    await writeFile(join(temp, "it", MANIFEST), manifest.replaceAll(escaped(modules), HERE));
    await rename(join(temp, "it"), saved);
  } catch {
    // Another unit of this directory was faster, or the cache is full: both cost nothing but time.
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

function placeOf({ job, unit }: UnitState): string | undefined {
  if (job.cacheDir === undefined) return undefined;
  const { repository, reviewedSha } = job.work;
  const of = JSON.stringify([repository.fullName, reviewedSha, unit.dir, unit.engine.name]);
  return join(job.cacheDir, "modules", createHash("sha256").update(of).digest("hex"));
}

/** As it stands between the quotes of JSON. */
function escaped(path: string): string {
  return JSON.stringify(path).slice(1, -1);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
