import type { RepositoryIndex } from "../../core/change/repository-index.ts";
import type { Config } from "../../core/config/config.ts";
import { type Host, UsageError } from "../host.ts";
import { type Checkout, findCommit } from "./checkout.ts";
import type { Compared } from "./compared.ts";
import { readText } from "./lists.ts";
import { aboutFile, type Shown } from "./shown.ts";

export interface IndexFound {
  /** Absent where nobody asked for one. */
  readonly index: RepositoryIndex | undefined;
  readonly diagnostics: readonly Shown[];
}

const INDEX_BYTES_MAX = 64 * 1024 * 1024;
export const NO_INDEX: IndexFound = { index: undefined, diagnostics: [] };

/** What the code refers to: from a file, else read from the checkout where `indexer` is enabled. */
export async function findIndex(
  host: Host,
  checkout: Checkout | undefined,
  { head }: Pick<Compared, "head">,
  { indexer }: Config,
  file: string | undefined,
): Promise<IndexFound> {
  if (file !== undefined) return { index: await readIndex(host, file), diagnostics: [] };
  if (!indexer.enabled) return NO_INDEX;
  const without = (why: string): IndexFound => {
    const message = `\`indexer\` is enabled, but ${why}: modules and links are left out`;
    return { index: undefined, diagnostics: [aboutFile("warning", "no_index", message, "")] };
  };
  if (checkout === undefined) {
    return without("there is no checkout to read the code from, and no --index FILE");
  }
  if (head !== undefined && head !== (await findCommit(checkout, "HEAD"))) {
    return without("the commit that is looked at is not checked out");
  }
  return await readCode(host, checkout);
}

/** The parser of HCL takes longer to load than everything else here, so it is loaded when it is used. */
async function readCode(host: Host, { root }: Checkout): Promise<IndexFound> {
  const [{ indexCheckout }, { fileCache, userCacheDirectory }] = await Promise.all([
    import("../../hcl/index-checkout.ts"),
    import("../../hcl/file-cache.ts"),
  ]);
  const cache = await fileCache(userCacheDirectory(host.env));
  const { index } = await indexCheckout({ root, cache });
  const diagnostics = index.problems.map(({ path, message }) =>
    aboutFile("warning", "index", `what it refers to is not known: ${message}`, path),
  );
  return { index, diagnostics };
}

async function readIndex(host: Host, file: string): Promise<RepositoryIndex> {
  const text = await readText(host, file, INDEX_BYTES_MAX);
  const { repositoryIndex } = await import("../../contract/repository-index.ts");
  const parsed = repositoryIndex.safeParse(json(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
  throw new UsageError(`${file} is no index of a repository${where}.`, undefined, 2);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
