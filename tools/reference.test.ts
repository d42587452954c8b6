import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { completeConfig } from "../src/core/config/complete.ts";
import type { Config } from "../src/core/config/config.ts";
import { parseConfig } from "../src/core/config/parse.ts";
import { documentWith } from "./reference/document.ts";
import { type Entry, readEntries } from "./reference/entries.ts";
import { exampleText } from "./reference/pages.ts";
import { jsonSchema } from "./reference/schema-tree.ts";
import { reference } from "./reference.ts";

const ENTRIES = readEntries(join(import.meta.dirname, "..", "docs/reference/configuration/keys"));
const SCHEMA = jsonSchema();
const ALL = [...ENTRIES.values()];
const accepts = new Ajv2020({ strict: false }).compile(SCHEMA);

test("every key of the language is described, and nothing else is", () => {
  expect(reference().problems).toEqual([]);
  expect(ALL.length).toBeGreaterThan(200);
});

test.each(ALL.map((entry) => [entry.path, entry] as const))(
  "the example of `%s` is accepted, by us and by editors",
  (_, entry) => {
    const text = exampleText(entry, ENTRIES, SCHEMA);
    const { raw, diagnostics } = parseConfig(text, "config.yml");
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(raw).toBeDefined();
    expect(diagnostics.some(({ code }) => code === "deprecated")).toBe(
      entry.deprecated !== undefined,
    );
    const ok = accepts(parse(text));
    expect(accepts.errors ?? []).toEqual([]);
    expect(ok).toBe(true);
  },
);

/** There is one provider. */
const ONE_VALUE = "cost_estimation.provider";
const WITH_DEFAULT = ALL.filter((entry) => entry.hasDefault && entry.document === undefined);

test.each(WITH_DEFAULT.map((entry) => [entry.path, entry] as const))(
  "runner defect 28: leaving out `%s` means its documented default",
  (_, entry) => {
    const said = completed(documentWith(SCHEMA, ENTRIES, entry.path, entry.default));
    const unsaid = completed(documentWith(SCHEMA, ENTRIES, entry.path, undefined));
    expect(said).toEqual(unsaid);
    // A default that no value differs from would be no fact about the key.
    if (entry.path !== ONE_VALUE) expect(said).not.toEqual(changed(entry));
  },
);

function changed(entry: Entry): Config {
  return completed(documentWith(SCHEMA, ENTRIES, entry.path, entry.example));
}

function completed(document: unknown): Config {
  const { raw, diagnostics } = parseConfig(JSON.stringify(document), "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  return completeConfig(raw);
}
