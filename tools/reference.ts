import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryFor, readEntries } from "./reference/entries.ts";
import { pages } from "./reference/pages.ts";
import { jsonSchema, walkSchema } from "./reference/schema-tree.ts";

/**
 * Writes the reference of the configuration language and its JSON Schema, both from the schema that
 * the product itself reads with and from what people wrote about each key. `--check` writes nothing
 * and fails where a file is stale, a key is not described, or a description has no key.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = "docs/reference/configuration";
const SCHEMA_FILE = "docs/reference/config.schema.json";

interface Written {
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

export function reference(root = ROOT): Written {
  const entries = readEntries(join(root, FOLDER, "keys"));
  const schema = jsonSchema();
  const nodes = walkSchema(schema);
  const problems: string[] = [];
  const paths = new Set(nodes.map((node) => node.path));
  for (const { path } of entries.values()) {
    if (!paths.has(path))
      problems.push(`\`${path}\` is described, and the language has no such key`);
  }
  const described = pages(entries, nodes, schema);
  for (const node of nodes) {
    const entry = entryFor(entries, node.path);
    if (entry === undefined) {
      problems.push(`\`${node.path}\` is not described in ${FOLDER}/keys`);
      continue;
    }
    node.place.description = entry.text.trim();
    if (entry.deprecated !== undefined) node.place.deprecated = true;
    if (entry.hasDefault) node.place.default = entry.default;
  }
  schema.title = "Terrane configuration";
  const files = new Map([...described].map(([name, text]) => [`${FOLDER}/${name}`, text]));
  files.set(SCHEMA_FILE, `${JSON.stringify(schema, undefined, 2)}\n`);
  return { files, problems };
}

function main(check: boolean): void {
  const { files, problems } = reference();
  const stale = [...files].filter(([path, text]) => read(join(ROOT, path)) !== text);
  const known = new Set(files.keys());
  const gone = readdirSync(join(ROOT, FOLDER))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${FOLDER}/${name}`)
    .filter((path) => !known.has(path));
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  if (check) {
    for (const [path] of stale) process.stdout.write(`${path} is stale: npm run codegen\n`);
    for (const path of gone)
      process.stdout.write(`${path} is generated no more: npm run codegen\n`);
    if (problems.length + stale.length + gone.length > 0) process.exitCode = 1;
    return;
  }
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  for (const path of gone) rmSync(join(ROOT, path));
  if (problems.length > 0) process.exitCode = 1;
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes("--check"));
