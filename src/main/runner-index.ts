import { parse } from "@cdktn/hcl2json";
import type { RepositoryIndex } from "../contract/repository-index.ts";
import { fileCache, userCacheDirectory } from "../hcl/file-cache.ts";
import { indexCheckout } from "../hcl/index-checkout.ts";
import { PARSE_MS_MAX } from "../hcl/limits.ts";
import { openParser } from "../hcl/parser.ts";

/** The parser's thread loads this same file and takes `parse` from it. */
export { parse };

/** What a checkout refers to. Built into one file with the parser, and loaded by the runner where it is needed. */
export async function readIndex(options: {
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<RepositoryIndex> {
  const parser = openParser(PARSE_MS_MAX, __filename);
  try {
    const cache = await fileCache(userCacheDirectory(options.environment));
    const { index } = await indexCheckout({ root: options.root, cache, parser });
    return index;
  } finally {
    await parser.close();
  }
}
