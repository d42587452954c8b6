import { type Found, noteCalls } from "./calls.ts";
import { type FileReferences, NOTHING } from "./file-references.ts";
import { REFERENCES_MAX } from "./limits.ts";
import { literalPath, type RawPath, TERRAFORM } from "./raw-path.ts";
import { readTemplate } from "./tokens.ts";
import { eachString, labelled, property } from "./values.ts";

/** What a file of Terraform or OpenTofu refers to, from the JSON that it was parsed to. */
export function terraformReferences(value: unknown): FileReferences {
  const modules = labelled(property(value, "module")).flatMap((block) => {
    const source = localSource(property(block, "source"));
    return source === undefined ? [] : [source];
  });
  const found: Found = { reads: [], configs: [] };
  eachString(value, (text) => noteCalls(text, TERRAFORM, found));
  return limited({ ...NOTHING, modules, reads: found.reads });
}

/** Where a source begins with `./` or `../` it is a directory; everything else is fetched. */
function localSource(source: unknown): RawPath | undefined {
  if (typeof source !== "string" || !/^\.\.?\//.test(source)) return undefined;
  const parts = readTemplate(source);
  return parts === undefined ? undefined : literalPath(parts, TERRAFORM, "file");
}

/** The first ones of each kind, each once. */
export function limited(references: FileReferences): FileReferences {
  const { modules, reads, includes, configs, dependencies } = references;
  const all = { modules, reads, includes, configs, dependencies };
  const count = Object.values(all).reduce((sum, list) => sum + list.length, 0);
  const kept = {
    modules: once(modules),
    reads: once(reads),
    includes: once(includes),
    configs: once(configs),
    dependencies: once(dependencies),
  };
  const tooMany = Object.values(all).some((list) => list.length > REFERENCES_MAX);
  if (!tooMany) return count === 0 ? NOTHING : kept;
  return {
    ...kept,
    problem: `it refers to more than ${REFERENCES_MAX} paths; the rest is left out`,
  };
}

function once<T extends RawPath & { readonly pattern?: string }>(list: readonly T[]): readonly T[] {
  const seen = new Map<string, T>();
  for (const one of list) {
    if (seen.size >= REFERENCES_MAX) break;
    seen.set(JSON.stringify([one.from, one.path, one.pattern]), one);
  }
  return [...seen.values()];
}
