import { createHash } from "node:crypto";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256Of } from "../engine/install/download.ts";
import { readZip, unpack } from "../engine/install/zip.ts";
import { capture, type Env } from "../process.ts";
import type { Stop } from "../stop.ts";
import { userConfig, withMirror } from "./cli-config.ts";
import { LOCK_FILE, type LockedProvider, parseLock, withHash } from "./lock-file.ts";
import { packageHash } from "./package-hash.ts";

export interface ProviderCacheOptions {
  /** Kept between jobs where the CI system offers it. */
  readonly folder: string;
  /** For configuration files, which may hold credentials; removed with the job. */
  readonly scratch: string;
  readonly stop: Stop;
  readonly graceMs: number;
}

export interface InitPlace {
  /** Of the lock file. */
  readonly folder: string;
  /** Terraform or tofu, which fetch what is missing. */
  readonly program: string;
  readonly env: Env;
  readonly args: readonly string[];
}

export interface Served {
  /** For the init. */
  readonly env: Env;
  /** For people; empty where there is nothing to say. */
  readonly said: string;
}

interface Package {
  readonly provider: LockedProvider;
  readonly h1: string;
  readonly folder: string;
  readonly fetched: boolean;
}

const NOTHING: Served = { env: {}, said: "" };
const CHARS_MAX = 200_000;
const PLATFORM = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * Providers by their content. What a lock file names is fetched once, by terraform itself, checked against
 * the lock file, unpacked and then only read: any number of inits link to it at the same time. Packages are
 * kept under their `h1:` hash; a lock file that knows only the hash of the archive gets the other one
 * written in, as terraform's own init would, because terraform checks unpacked files by no other.
 */
export class ProviderCache {
  readonly #options: ProviderCacheOptions;
  readonly #kept = new Map<string, Promise<boolean>>();
  readonly #packages = new Map<string, Promise<Package | undefined>>();
  readonly #views = new Map<string, Promise<string>>();

  constructor(options: ProviderCacheOptions) {
    this.#options = options;
  }

  /** Prepares what the directory's lock file names. The caller lets nobody else write that file meanwhile. */
  async serve(place: InitPlace): Promise<Served> {
    const user = await userConfig(place.env, place.args);
    if (user.kind === "theirs") return NOTHING;
    const file = join(place.folder, LOCK_FILE);
    const text = await readFile(file, "utf8").catch(() => "");
    const locked = parseLock(text);
    const found = await Promise.all(locked.map((provider) => this.#package(provider, place)));
    const packages = found.flatMap((each) => each ?? []);
    if (packages.length === 0) return NOTHING;
    await addHashes(file, text, packages);
    const mirror = await this.#view(packages);
    const sources = packages.map(({ provider }) => provider.source);
    const config = await this.#config(withMirror(user.text, mirror, sources));
    const fetched = packages.filter((each) => each.fetched).length;
    const said = `Providers: ${packages.length - fetched} of ${locked.length} were in the cache, ${fetched} were put there.`;
    return { env: { TF_CLI_CONFIG_FILE: config }, said };
  }

  #package(provider: LockedProvider, place: InitPlace): Promise<Package | undefined> {
    const key = JSON.stringify([provider.source, provider.version, provider.hashes]);
    const known = this.#packages.get(key);
    if (known !== undefined) return known.then((each) => each && { ...each, fetched: false });
    // A cache that cannot be filled is no reason to fail: init then fetches for itself, and says what is wrong.
    const found = this.#find(provider, place).catch(() => undefined);
    this.#packages.set(key, found);
    return found;
  }

  async #find(provider: LockedProvider, place: InitPlace): Promise<Package | undefined> {
    for (const hash of provider.hashes) {
      const h1 = hash.startsWith("h1:") ? hash : await this.#unpackedAs(hash);
      if (h1 !== undefined && (await this.#isKept(h1))) {
        return { provider, h1, folder: this.#folderOf(h1), fetched: false };
      }
    }
    return await this.#fetch(provider, place);
  }

  /** Looked at once in a job, so that nobody removes what another has just fetched. */
  #isKept(h1: string): Promise<boolean> {
    const known = this.#kept.get(h1);
    if (known !== undefined) return known;
    const kept = isWhole(this.#folderOf(h1), h1);
    this.#kept.set(h1, kept);
    return kept;
  }

  async #fetch(provider: LockedProvider, place: InitPlace): Promise<Package | undefined> {
    await mkdir(this.#options.folder, { recursive: true });
    const temp = await mkdtemp(join(this.#options.folder, ".fetch-"));
    try {
      const archive = await this.#download(provider, place, temp);
      if (archive === undefined) return undefined;
      const zh = `zh:${(await sha256Of(archive)) ?? ""}`;
      const unpacked = join(temp, "unpacked");
      await unpack(archive, await readZip(archive), unpacked);
      const h1 = await packageHash(unpacked);
      // What the lock file does not know is not served; terraform's own words about it are the best.
      if (!provider.hashes.includes(zh) && !provider.hashes.includes(h1)) return undefined;
      await protect(unpacked);
      const folder = this.#folderOf(h1);
      // Where only the note of its archive was missing, what lies there is yet to be looked at.
      await this.#isKept(h1);
      await mkdir(dirname(folder), { recursive: true });
      await rename(unpacked, folder).catch(() => undefined);
      if (!(await isFolder(folder))) return undefined;
      const note = this.#noteOf(zh);
      await mkdir(dirname(note), { recursive: true });
      await writeFile(note, h1);
      return { provider, h1, folder, fetched: true };
    } finally {
      await rm(temp, { recursive: true, force: true });
    }
  }

  /** Terraform knows registries, credentials and proxies; here it only downloads. */
  async #download(
    { source, version }: LockedProvider,
    place: InitPlace,
    temp: string,
  ): Promise<string | undefined> {
    const module = join(temp, "module");
    const target = join(temp, "mirror");
    await mkdir(module);
    const wanted = {
      terraform: { required_providers: { it: { source, version: `= ${version}` } } },
    };
    await writeFile(join(module, "main.tf.json"), JSON.stringify(wanted));
    const { TF_DATA_DIR: _, ...env } = place.env;
    const { stop, graceMs } = this.#options;
    await capture(
      {
        program: place.program,
        args: ["providers", "mirror", `-platform=${PLATFORM}`, target],
        cwd: module,
        env,
        protect: false,
      },
      { stop, graceMs, charsMax: CHARS_MAX },
    );
    const folder = join(target, source);
    const names = await readdir(folder).catch((): string[] => []);
    const archive = names.find((name) => name.endsWith(`_${version}_${PLATFORM}.zip`));
    return archive === undefined ? undefined : join(folder, archive);
  }

  /** A filesystem mirror of exactly these packages: other versions of the same provider would be candidates too. */
  #view(packages: readonly Package[]): Promise<string> {
    const links = packages.map(({ provider, folder }) => {
      return [join(provider.source, provider.version, PLATFORM), folder] as const;
    });
    const key = createHash("sha256").update(JSON.stringify(links)).digest("hex");
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = join(this.#options.scratch, `providers-${key.slice(0, 16)}`);
    const made = (async () => {
      for (const [below, folder] of links) {
        await mkdir(dirname(join(view, below)), { recursive: true });
        await symlink(folder, join(view, below)).catch(() => undefined);
      }
      return view;
    })();
    this.#views.set(key, made);
    return made;
  }

  async #config(text: string): Promise<string> {
    const key = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const file = join(this.#options.scratch, `cli-${key}.tfrc`);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  async #unpackedAs(zh: string): Promise<string | undefined> {
    const text = await readFile(this.#noteOf(zh), "utf8").catch(() => undefined);
    return text?.startsWith("h1:") === true ? text : undefined;
  }

  #folderOf(h1: string): string {
    const hex = Buffer.from(h1.slice("h1:".length), "base64").toString("hex");
    return join(this.#options.folder, "packages", hex);
  }

  /** Which files an archive held. */
  #noteOf(zh: string): string {
    const hex = /^zh:([0-9a-f]{64})$/.exec(zh)?.[1] ?? "none";
    return join(this.#options.folder, "archives", hex);
  }
}

async function addHashes(file: string, text: string, packages: readonly Package[]): Promise<void> {
  let next = text;
  for (const { provider, h1 } of packages) {
    if (!provider.hashes.includes(h1)) next = withHash(next, provider.source, h1);
  }
  if (next !== text) await writeFile(file, next);
}

/** Nobody writes into what many read. */
async function protect(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await protect(path);
    else await chmod(path, (await stat(path)).mode & 0o555);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** What a cache restored halfway, or a full disk cut off, is removed: it would be served for ever, and each init would fail. */
async function isWhole(folder: string, h1: string): Promise<boolean> {
  if (!(await isFolder(folder))) return false;
  const found = await packageHash(folder).catch(() => undefined);
  if (found === h1) return true;
  await rm(folder, { recursive: true, force: true });
  return false;
}
