import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { followLinks } from "../base/symlinks.ts";
import type { IndexedDirectory, RepositoryIndex } from "../contract/repository-index.ts";
import { FORMAT_VERSION, type ReferenceCache } from "./cache.ts";
import { type FileReferences, NOTHING } from "./file-references.ts";
import { FILE_BYTES_MAX, FILES_MAX, PROBLEMS_MAX } from "./limits.ts";
import { type ListedFile, listCheckout } from "./listing.ts";
import { type HclParser, openParser } from "./parser.ts";
import { referencesOf, type Syntax, type SyntaxText, syntaxOf } from "./references-of.ts";
import { type Code, directoryOf, directoryReferences, unitReferences } from "./resolve.ts";

export interface IndexOptions {
  /** The directory that is the root of all paths. */
  readonly root: string;
  readonly cache: ReferenceCache;
  /** One that is open already, for who makes several indexes; it stays open. */
  readonly parser?: HclParser;
}

/** What was done to make an index; for people who wonder what it costs. */
export interface IndexStatistics {
  readonly files: number;
  readonly fromCache: number;
  readonly read: number;
  /** Those that needed the parser of HCL. */
  readonly parsed: number;
}

/** Files read at a time. */
const BATCH = 64;

/** Reads the code of a checkout: what each directory refers to, and the symbolic links. */
export async function indexCheckout(
  options: IndexOptions,
): Promise<{ readonly index: RepositoryIndex; readonly statistics: IndexStatistics }> {
  const { files, links } = await listCheckout(options.root, 20 * FILES_MAX);
  const parser = options.parser ?? openParser();
  const reader = new CodeReader(options, parser, files, links);
  try {
    const code = files.filter(({ path }) => isFirstRead(path)).map(({ path }) => path);
    await reader.read(code);
    const index = await compose(reader, code);
    await options.cache.save();
    return { index, statistics: reader.statistics() };
  } finally {
    if (options.parser === undefined) await parser.close();
  }
}

const UNIT = /(?:^|\/)terragrunt\.hcl(?:\.json)?$/;

/** Other files of Terragrunt count only where a unit includes or reads them. */
function isFirstRead(path: string): boolean {
  const syntax = syntaxOf(path);
  return syntax === "tf" || syntax === "tf_json" || UNIT.test(path);
}

async function compose(reader: CodeReader, code: readonly string[]): Promise<RepositoryIndex> {
  const directories = new Map<string, IndexedDirectory>();
  const byDirectory = new Map<string, string[]>();
  for (const path of code.filter((one) => !UNIT.test(one))) {
    const dir = directoryOf(path);
    const before = byDirectory.get(dir);
    if (before === undefined) byDirectory.set(dir, [path]);
    else before.push(path);
  }
  for (const [dir, files] of byDirectory) {
    const references = directoryReferences(reader, dir, files);
    if (references.length > 0) directories.set(dir, { dir, references: [...references] });
  }
  for (const file of code.filter((path) => UNIT.test(path))) {
    const dir = directoryOf(file);
    const references = await completeUnit(reader, dir, file);
    const before = directories.get(dir)?.references ?? [];
    const all = [...before, ...references];
    if (all.length > 0) directories.set(dir, { dir, references: all });
  }
  return {
    directories: [...directories.values()].sort((a, b) => (a.dir < b.dir ? -1 : 1)),
    symlinks: [...reader.links]
      .map(([path, target]) => ({ path, target }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    problems: reader.problems(),
  };
}

/** What a unit includes is known only once it is read, and that may include more. */
async function completeUnit(reader: CodeReader, dir: string, file: string) {
  for (;;) {
    const unit = unitReferences(reader, dir, file);
    if (unit.missing.length === 0) return unit.references;
    await reader.read(unit.missing);
  }
}

/** Reads files once, from the cache where their content is known. */
class CodeReader implements Code {
  readonly files: ReadonlySet<string>;
  readonly links: ReadonlyMap<string, string>;
  private readonly listed: ReadonlyMap<string, ListedFile>;
  private readonly known = new Map<string, FileReferences>();
  private readonly parser: Pick<HclParser, "parse">;
  private readonly options: IndexOptions;
  private readonly counts = { files: 0, fromCache: 0, read: 0, parsed: 0 };

  constructor(
    options: IndexOptions,
    parser: HclParser,
    files: readonly ListedFile[],
    links: ReadonlyMap<string, string>,
  ) {
    this.options = options;
    this.parser = {
      parse: (sources) => {
        this.counts.parsed += sources.length;
        return parser.parse(sources);
      },
    };
    this.links = links;
    this.listed = new Map(files.map((file) => [file.path, file]));
    this.files = new Set(this.listed.keys());
  }

  references(path: string): FileReferences | undefined {
    return this.known.get(path);
  }

  async read(paths: readonly string[]): Promise<void> {
    for (let at = 0; at < paths.length; at += BATCH) {
      await this.readBatch(paths.slice(at, at + BATCH));
    }
  }

  problems(): { path: string; message: string }[] {
    return [...this.known]
      .flatMap(([path, { problem }]) => (problem === undefined ? [] : [{ path, message: problem }]))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .slice(0, PROBLEMS_MAX);
  }

  statistics(): IndexStatistics {
    return { ...this.counts };
  }

  private async readBatch(paths: readonly string[]): Promise<void> {
    const texts = await Promise.all(paths.map((path) => this.textOf(path)));
    const unread = texts.filter((one) => one !== undefined);
    const found = await referencesOf(this.parser, unread);
    for (const [at, references] of found.entries()) {
      const file = unread[at];
      if (file === undefined) continue;
      this.known.set(file.name, references);
      this.options.cache.set(file.key, references);
    }
  }

  /** The text of a file, unless what it refers to is known already, which is noted then. */
  private async textOf(path: string): Promise<(SyntaxText & { key: string }) | undefined> {
    if (this.known.has(path)) return undefined;
    const file = this.source(path);
    const syntax = syntaxOf(path);
    if (file === undefined || syntax === undefined) return this.note(path, NOTHING);
    this.counts.files += 1;
    if (this.counts.files > FILES_MAX) {
      return this.note(path, { ...NOTHING, problem: `only ${FILES_MAX} files are read` });
    }
    const byBlob = file.blob === undefined ? undefined : cacheKey(syntax, `git:${file.blob}`);
    if (byBlob !== undefined && this.fromCache(path, byBlob)) return undefined;
    const content = await contentOf(join(this.options.root, file.path));
    if (typeof content === "string") return this.note(path, { ...NOTHING, problem: content });
    this.counts.read += 1;
    const hash = createHash("sha256").update(content).digest("hex");
    const key = byBlob ?? cacheKey(syntax, hash);
    if (byBlob === undefined && this.fromCache(path, key)) return undefined;
    return { name: path, text: content.toString("utf8"), syntax, key };
  }

  /** Where the content of a path really lies; links are followed inside the checkout only. */
  private source(path: string): ListedFile | undefined {
    const real = followLinks(this.links, path)?.path;
    return real === undefined || this.links.has(real) ? undefined : this.listed.get(real);
  }

  private note(path: string, references: FileReferences): undefined {
    this.known.set(path, references);
  }

  private fromCache(path: string, key: string): boolean {
    const before = this.options.cache.get(key);
    if (before === undefined) return false;
    this.known.set(path, before);
    this.counts.fromCache += 1;
    return true;
  }
}

function cacheKey(syntax: Syntax, hash: string): string {
  return `${FORMAT_VERSION}:${syntax}:${hash}`;
}

/** The content, or why there is none. Something else can take the place of a file meanwhile. */
async function contentOf(path: string): Promise<Buffer | string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return "it cannot be opened";
  try {
    const found = await file.stat();
    if (!found.isFile()) return "it is no file";
    if (found.size > FILE_BYTES_MAX) return `it is longer than ${FILE_BYTES_MAX / 1024} KiB`;
    return await file.readFile();
  } catch {
    return "it cannot be read";
  } finally {
    await file.close();
  }
}
