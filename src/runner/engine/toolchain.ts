import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { capture, type Env, findProgram } from "../process.ts";
import type { Stop } from "../stop.ts";
import {
  cachedProgram,
  fromCache,
  type Installed,
  type InstallOptions,
  install,
} from "./install/install.ts";
import { listVersions } from "./install/list.ts";
import { mirrorSite, type ReleaseSite, type ReleaseSites } from "./install/site.ts";
import { fits, newestThatFits } from "./version/constraint.ts";
import { newestFirst, parseVersion } from "./version/version.ts";
import type { Tool, Wish } from "./version/wish.ts";

export interface ToolchainOptions {
  readonly sites: ReleaseSites;
  readonly env: Env;
  readonly stop: Stop;
  /** Used where the CI system offers no cache of tools. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

/** A program for a wish, or why there is none. */
export type Resolved =
  | { readonly kind: "ok"; readonly program: string; readonly onPath: boolean }
  | { readonly kind: "failed"; readonly message: string };

/** What a job without the tool gets when nobody says which version; the same as in every release of this runner. */
const DEFAULT_VERSION: Readonly<Record<Tool, string>> = {
  terraform: "1.5.7",
  tofu: "1.9.0",
  terragrunt: "0.75.3",
};
const VERSION_TIMEOUT_MS = 30_000;
const VERSION_CHARS_MAX = 200_000;

/**
 * The programs of a job: those on PATH where their version is right, then those of the tool cache, then
 * fetched ones. Every version is fetched once, whoever asks, and different ones at the same time.
 */
export class Toolchain {
  readonly #options: ToolchainOptions;
  readonly #installs = new Map<string, Promise<Installed>>();
  readonly #lists = new Map<Tool, Promise<readonly string[]>>();
  readonly #said = new Map<string, Promise<string | undefined>>();

  constructor(options: ToolchainOptions) {
    this.#options = options;
  }

  /** `cwd` matters to version managers, which choose by where they are started. */
  async resolve(tool: Tool, wish: Wish, cwd: string): Promise<Resolved> {
    const onPath = await findProgram(tool, this.#options.env, cwd);
    switch (wish.kind) {
      case "any":
        if (onPath !== undefined) return { kind: "ok", program: onPath, onPath: true };
        return await this.#installed(tool, DEFAULT_VERSION[tool]);
      case "unreadable":
        return {
          kind: "failed",
          message: `"${wish.text}" in ${wish.from} is no version of ${tool}. Write 1.5.7, "~> 1.5" or latest.`,
        };
      case "exact":
        if (onPath !== undefined && (await this.version(onPath, cwd)) === wish.version) {
          return { kind: "ok", program: onPath, onPath: true };
        }
        return await this.#installed(tool, wish.version);
      case "latest":
        return await this.#latest(tool, onPath);
      case "range":
        return await this.#inRange(tool, wish, onPath, cwd);
    }
  }

  /** Begins to fetch what is surely needed, before the first unit asks for it. */
  async warm(wishes: readonly { readonly tool: Tool; readonly wish: Wish }[], cwd: string) {
    const exact = wishes.flatMap(({ tool, wish }) =>
      wish.kind === "exact" ? [JSON.stringify([tool, wish.version])] : [],
    );
    await Promise.all(
      [...new Set(exact)].map(async (key) => {
        const [tool, version] = JSON.parse(key) as [Tool, string];
        await this.resolve(tool, { kind: "exact", version, from: "" }, cwd);
      }),
    );
  }

  /** As the program itself says it, in one of the forms that these tools have. */
  async version(program: string, cwd: string): Promise<string | undefined> {
    const key = `${program}\0${cwd}`;
    const known = this.#said.get(key) ?? this.#ask(program, cwd);
    this.#said.set(key, known);
    return await known;
  }

  async #ask(program: string, cwd: string): Promise<string | undefined> {
    const { env, stop } = this.#options;
    const run = await capture(
      { program, args: ["--version"], cwd, env, protect: false },
      { stop, graceMs: VERSION_TIMEOUT_MS, charsMax: VERSION_CHARS_MAX },
    );
    const line = run.stdout.split("\n", 1)[0] ?? "";
    const text = /\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/.exec(line)?.[1];
    return text === undefined ? undefined : parseVersion(text)?.text;
  }

  async #latest(tool: Tool, onPath: string | undefined): Promise<Resolved> {
    const newest = newestFirst(await this.#known(tool)).find(({ pre }) => pre === "");
    if (newest !== undefined) return await this.#installed(tool, newest.text);
    if (onPath !== undefined) return { kind: "ok", program: onPath, onPath: true };
    const { list } = this.#site(tool);
    return {
      kind: "failed",
      message: `Which is the latest could not be read from ${list ?? "anywhere"}.`,
    };
  }

  async #inRange(
    tool: Tool,
    wish: Extract<Wish, { kind: "range" }>,
    onPath: string | undefined,
    cwd: string,
  ): Promise<Resolved> {
    if (onPath !== undefined) {
      const said = parseVersion((await this.version(onPath, cwd)) ?? "");
      if (said !== undefined && fits(said, wish.constraint)) {
        return { kind: "ok", program: onPath, onPath: true };
      }
    }
    const cached = newestThatFits(await this.#cached(tool), wish.constraint);
    const chosen = cached ?? newestThatFits(await this.#known(tool), wish.constraint);
    if (chosen !== undefined) return await this.#installed(tool, chosen.text);
    const { list } = this.#site(tool);
    const message = `No version of ${tool} is known that fits "${wish.text}" of ${wish.from} (${list ?? "there is no list of versions"}).`;
    return { kind: "failed", message };
  }

  async #installed(tool: Tool, version: string): Promise<Resolved> {
    const key = `${tool} ${version}`;
    const started = this.#installs.get(key) ?? this.#install(tool, version);
    this.#installs.set(key, started);
    const installed = await started;
    if (installed.kind === "failed") return installed;
    return { kind: "ok", program: installed.program, onPath: false };
  }

  async #install(tool: Tool, version: string): Promise<Installed> {
    const { env, stop, log } = this.#options;
    const began = performance.now();
    const key = await keyOf(env);
    if (typeof key === "string") return { kind: "failed", message: key };
    const options: InstallOptions = {
      site: this.#site(tool),
      cacheDir: this.#cacheDir(),
      verify: env["TERRANE_ENGINE_VERIFY"] === "hash" ? "hash" : "signature",
      key,
      env,
      stop,
    };
    if (await fromCache(cachedProgram(options.cacheDir, tool, version))) {
      return { kind: "ok", program: cachedProgram(options.cacheDir, tool, version) };
    }
    const installed = await install(tool, version, options);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    if (installed.kind === "ok") log(`Fetched ${tool} ${version} in ${seconds} s.`);
    return installed;
  }

  #known(tool: Tool): Promise<readonly string[]> {
    const list = this.#lists.get(tool) ?? listVersions(this.#site(tool), this.#options.env);
    this.#lists.set(tool, list);
    return list;
  }

  async #cached(tool: Tool): Promise<string[]> {
    return await readdir(join(this.#cacheDir(), tool)).catch(() => []);
  }

  #site(tool: Tool): ReleaseSite {
    const { sites, env } = this.#options;
    const mirror = env["TERRANE_ENGINE_MIRROR"] ?? "";
    return mirror === "" ? sites[tool] : mirrorSite(mirror, tool, sites[tool]);
  }

  #cacheDir(): string {
    const { env, folder } = this.#options;
    const named = [env["TERRANE_TOOL_CACHE"], env["RUNNER_TOOL_CACHE"]];
    return named.find((each) => each !== undefined && each !== "") ?? folder;
  }
}

/** The key that the user names; a text says why it cannot be had. */
async function keyOf(env: Env): Promise<Buffer | undefined | string> {
  const file = env["TERRANE_ENGINE_KEY_FILE"] ?? "";
  if (file === "") return undefined;
  return await readFile(file).catch(
    (error: unknown) => `TERRANE_ENGINE_KEY_FILE cannot be read: ${String(error)}.`,
  );
}
