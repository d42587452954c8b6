import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Env } from "../../process.ts";
import type { Stop } from "../../stop.ts";
import { nearVersions } from "../version/version.ts";
import type { Tool } from "../version/wish.ts";
import { downloadFile, downloadText, readSmall, sha256Of } from "./download.ts";
import { listVersions } from "./list.ts";
import { verifySignature } from "./signature.ts";
import { type ReleaseFiles, type ReleaseSite, releaseFiles } from "./site.ts";
import { readZip, unpack } from "./zip.ts";

export type Installed =
  | { readonly kind: "ok"; readonly program: string }
  | { readonly kind: "failed"; readonly message: string };

export interface InstallOptions {
  readonly site: ReleaseSite;
  /** Kept between jobs where the CI system offers it. */
  readonly cacheDir: string;
  /** `hash`: signatures are not asked for. */
  readonly verify: "signature" | "hash";
  /** A key that the user named, in the place of the official one. */
  readonly key: Buffer | undefined;
  readonly env: Env;
  readonly stop: Stop;
}

/** The layout of tool caches that CI services have: tool, version, architecture. */
export function cachedProgram(cacheDir: string, tool: Tool, version: string): string {
  return join(cacheDir, tool, version, process.arch, tool);
}

/** A program in the cache that is whole; what was cut off while a cache was restored is not. */
export async function fromCache(program: string): Promise<boolean> {
  const actual = await sha256Of(program);
  if (actual === undefined) return false;
  const expected = await readSmall(`${program}.sha256`);
  if (expected !== undefined) return expected.trim() === actual;
  // Put there by another installer, which says so beside the folder when it has finished.
  return (await readSmall(`${dirname(program)}.complete`)) !== undefined;
}

/** Fetches one version, checks hash and signature, and puts it into the cache in one step. */
export async function install(
  tool: Tool,
  version: string,
  options: InstallOptions,
): Promise<Installed> {
  const program = cachedProgram(options.cacheDir, tool, version);
  if (await fromCache(program)) return { kind: "ok", program };
  await mkdir(options.cacheDir, { recursive: true });
  const folder = await mkdtemp(join(options.cacheDir, ".install-"));
  try {
    const fetched = await fetchRelease(tool, version, options, folder);
    if (fetched.kind === "failed") return fetched;
    await chmod(fetched.program, 0o755);
    const sha256 = (await sha256Of(fetched.program)) ?? "";
    const ready = join(folder, "ready");
    await mkdir(ready);
    await rename(fetched.program, join(ready, tool));
    await writeFile(join(ready, `${tool}.sha256`), `${sha256}\n`);
    const target = dirname(program);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { recursive: true, force: true });
    // Two jobs may share the cache: whoever comes second finds it done.
    await rename(ready, target).catch(() => undefined);
    if (await fromCache(program)) return { kind: "ok", program };
    return { kind: "failed", message: `It could not be put into ${options.cacheDir}.` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchRelease(
  tool: Tool,
  version: string,
  options: InstallOptions,
  folder: string,
): Promise<Installed> {
  const files = releaseFiles(tool, version);
  const base = options.site.folder(version);
  const sums = await downloadText(`${base}${files.sums}`, options.env);
  if (sums.kind === "missing") return failed(await noSuchVersion(tool, version, options));
  if (sums.kind === "failed") return failed(`It could not be fetched: ${sums.message}.`);
  const wanted = hashIn(sums.bytes.toString("utf8"), files.archive);
  if (wanted === undefined) {
    return failed(
      `${base}${files.sums} has no hash of ${files.archive}: it is not published for this machine.`,
    );
  }
  const unsigned = await signatureProblem(sums.bytes, files, options, folder);
  if (unsigned !== undefined) return failed(unsigned);
  const archive = join(folder, files.archive);
  const got = await downloadFile(`${base}${files.archive}`, archive, options.env);
  if (got.kind === "missing") return failed(`${base}${files.archive} is not there.`);
  if (got.kind === "failed") return failed(`It could not be fetched: ${got.message}.`);
  if (got.sha256 !== wanted) {
    return failed(
      `${base}${files.archive} has the hash ${got.sha256}, and its signed list says ${wanted}. It was cut off or changed; nothing of it was run.`,
    );
  }
  return files.packed ? await unpacked(tool, archive, folder) : { kind: "ok", program: archive };
}

async function unpacked(tool: Tool, archive: string, folder: string): Promise<Installed> {
  try {
    const entries = (await readZip(archive)).filter(({ name }) => name === tool);
    if (entries.length !== 1) return failed(`Its archive holds no program "${tool}".`);
    const target = join(folder, "unpacked");
    await unpack(archive, entries, target);
    return { kind: "ok", program: join(target, tool) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed(`Its archive cannot be read: ${why}.`);
  }
}

/** Undefined when the list of hashes is signed by whom it should be. */
async function signatureProblem(
  sums: Buffer,
  files: ReleaseFiles,
  options: InstallOptions,
  folder: string,
): Promise<string | undefined> {
  if (options.verify === "hash") return undefined;
  const { site } = options;
  const base = site.folder(files.version);
  const instead =
    "Install it in the CI job, or set TERRANE_ENGINE_VERIFY=hash to be content with the hash.";
  const key =
    options.key ?? (site.key === undefined ? undefined : await fetchKey(site.key, options.env));
  if (typeof key === "string") return key;
  if (key === undefined) return `Its releases are not signed by a key that is known. ${instead}`;
  const signature = await downloadText(`${base}${files.signature}`, options.env);
  if (signature.kind === "missing") return `${base}${files.signature} is not there. ${instead}`;
  if (signature.kind === "failed") return `It could not be fetched: ${signature.message}.`;
  const signed = { file: join(folder, "sums"), signature: join(folder, "sums.sig") };
  await writeFile(signed.file, sums);
  await writeFile(signed.signature, signature.bytes);
  // Who names a key of their own means every key in it.
  const fingerprints = options.key === undefined ? site.fingerprints : [];
  const verified = await verifySignature({ ...signed, key, fingerprints }, { ...options, folder });
  if (verified.kind === "good") return undefined;
  return `${base}${files.sums} is not trusted. ${verified.message}`;
}

async function fetchKey(url: string, env: Env): Promise<Buffer | string> {
  const key = await downloadText(url, env);
  if (key.kind === "ok") return key.bytes;
  return `The public key ${url} could not be fetched${key.kind === "failed" ? `: ${key.message}` : ""}.`;
}

async function noSuchVersion(
  tool: Tool,
  version: string,
  { site, env }: InstallOptions,
): Promise<string> {
  const known = await listVersions(site, env);
  const near = nearVersions(version, known);
  const hint = near.length === 0 ? "" : ` There are ${near.join(", ")}.`;
  return `${site.folder(version)} has no ${tool} ${version}.${hint}`;
}

/** Lines of a hash, blanks and a name, as `sha256sum` writes them. */
export function hashIn(sums: string, name: string): string | undefined {
  for (const line of sums.split("\n")) {
    const match = /^([0-9a-f]{64}) [ *](\S+)\s*$/.exec(line);
    if (match?.[2] === name) return match[1];
  }
  return undefined;
}

function failed(message: string): Extract<Installed, { kind: "failed" }> {
  return { kind: "failed", message };
}
