import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ENGINE_FILE_CHARS_MAX, hasBackendBlock, isEngineFile } from "./backend-block.ts";

/** Read by the engine as an override of the directory's own `terraform` block; removed after the run. */
const OVERRIDE_NAME = "terrane_state_override.tf";
const SLUG_CHARS_MAX = 60;

/**
 * Keeps the state of root modules that do not say where in a folder of this machine. Without this, state
 * would be written into the checkout and vanish with it. Workspaces of one directory share one override
 * file: the local backend itself keeps them apart.
 */
export class LocalState {
  readonly #stateDir: string | undefined;
  readonly #repository: string;
  readonly #written = new Map<string, Promise<string | undefined>>();

  constructor(stateDir: string | undefined, repository: string) {
    this.#stateDir = stateDir;
    this.#repository = repository;
  }

  /** The folder that now keeps the state, or undefined where the module or the host decides. */
  prepare(dir: string, path: string): Promise<string | undefined> {
    const started = this.#written.get(path) ?? this.#prepare(dir, path);
    this.#written.set(path, started);
    return started;
  }

  async removeAll(): Promise<void> {
    for (const [path, started] of this.#written) {
      const folder = await started.catch(() => undefined);
      if (folder !== undefined) await rm(join(path, OVERRIDE_NAME), { force: true });
    }
  }

  async #prepare(dir: string, path: string): Promise<string | undefined> {
    if (this.#stateDir === undefined || (await saysWhere(path))) return undefined;
    const folder = join(this.#stateDir, slug(this.#repository), slug(dir));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stateFile = literal(join(folder, "terraform.tfstate"));
    const workspaces = literal(join(folder, "workspaces"));
    const text = `terraform {
  backend "local" {
    path          = ${stateFile}
    workspace_dir = ${workspaces}
  }
}
`;
    await writeFile(join(path, OVERRIDE_NAME), text, { mode: 0o600 });
    return folder;
  }
}

async function saysWhere(path: string): Promise<boolean> {
  for (const name of await readdir(path)) {
    if (!isEngineFile(name) || name === OVERRIDE_NAME) continue;
    const file = join(path, name);
    const facts = await stat(file).catch(() => undefined);
    if (facts?.isFile() !== true || facts.size > ENGINE_FILE_CHARS_MAX) continue;
    if (hasBackendBlock(name, await readFile(file, "utf8"))) return true;
  }
  return false;
}

/** Readable for people, unique by its hash, safe as a file name whatever the directory is called. */
function slug(name: string): string {
  const readable = name
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+/, "")
    .slice(0, SLUG_CHARS_MAX);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return readable === "" ? hash : `${readable}-${hash}`;
}

/** A quoted string of the engine's language, where `${` and `%{` would begin a template. */
function literal(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, (sign) => sign + sign);
}
