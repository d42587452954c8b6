import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withAuthorities } from "./authorities.ts";
import type { Masker } from "./mask.ts";
import type { Env } from "./process.ts";

const SSH_KEY = /^(?:TERRANE|TERRATEAM)_SSH_KEY/;

/**
 * What variables of the CI job stand for besides their value: keys for git over SSH, the token of
 * Terraform Cloud, authorities of the customer. Applied again after each hook, since hooks may fetch either from somewhere.
 */
export class JobSetup {
  readonly #folder: string;
  readonly #masker: Masker;
  readonly #keyFiles = new Map<string, string>();
  #ownCommand: string | undefined;

  constructor(folder: string, masker: Masker) {
    this.#folder = folder;
    this.#masker = masker;
  }

  async apply(env: Env): Promise<Env> {
    return await this.#withKeys(withCloudToken(await withAuthorities(env, this.#folder)));
  }

  /** All keys are offered; a host that is met for the first time is remembered for this job. */
  async #withKeys(env: Env): Promise<Env> {
    for (const [name, value] of Object.entries(env)) {
      if (SSH_KEY.test(name) && value.trim() !== "") await this.#writeKey(name, value);
    }
    const given = env["GIT_SSH_COMMAND"];
    if (this.#keyFiles.size === 0 || (given !== undefined && given !== this.#ownCommand)) {
      return env;
    }
    const known = join(this.#folder, "known_hosts");
    const keys = [...this.#keyFiles.keys()].sort().map((file) => `-i ${quoted(file)}`);
    const options = [
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=accept-new",
      `UserKnownHostsFile="${known}" ~/.ssh/known_hosts`,
    ];
    this.#ownCommand = `ssh ${keys.join(" ")} ${options.map((each) => `-o ${quoted(each)}`).join(" ")}`;
    return { ...env, GIT_SSH_COMMAND: this.#ownCommand };
  }

  async #writeKey(name: string, value: string): Promise<void> {
    const file = join(this.#folder, name.replace(/[^A-Za-z0-9_]/g, "_"));
    if (this.#keyFiles.get(file) === value) return;
    this.#masker.add(value);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // Without its last newline ssh does not read a key, and CI systems trim values.
    await writeFile(file, `${value.trimEnd()}\n`, { mode: 0o600 });
    await chmod(file, 0o600);
    this.#keyFiles.set(file, value);
  }
}

/** Engines read tokens of a host from a variable; a token that is there already stays. */
function withCloudToken(env: Env): Env {
  const token = env["TF_API_TOKEN"];
  if (token === undefined || token === "") return env;
  return env["TF_TOKEN_app_terraform_io"] === undefined
    ? { ...env, TF_TOKEN_app_terraform_io: token }
    : env;
}

/** For the shell that git starts; never anything of a user but a path below our own folder. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
