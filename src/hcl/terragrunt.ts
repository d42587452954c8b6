import { type Found, noteCalls } from "./calls.ts";
import type { FileReferences } from "./file-references.ts";
import { type Anchor, literalPath, type RawPath, TERRAGRUNT } from "./raw-path.ts";
import { limited } from "./terraform.ts";
import { readTemplate } from "./tokens.ts";
import { blocks, eachString, isObject, property } from "./values.ts";

/** What a configuration of Terragrunt refers to, from the JSON that it was parsed to. */
export function terragruntReferences(value: unknown): FileReferences {
  const found: Found = { reads: [], configs: [] };
  eachString(value, (text) => noteCalls(text, TERRAGRUNT, found));
  const terraform = blocks(property(value, "terraform"));
  const variableFiles = terraform
    .flatMap((block) => labelledOrNot(property(block, "extra_arguments"), "commands"))
    .flatMap((block) => [
      ...paths(property(block, "required_var_files")),
      ...paths(property(block, "optional_var_files")),
    ]);
  return limited({
    modules: terraform.flatMap((block) => localSource(property(block, "source"))),
    reads: [...found.reads, ...variableFiles],
    includes: labelledOrNot(property(value, "include"), "path").flatMap((block) =>
      paths(property(block, "path")),
    ),
    configs: found.configs,
    dependencies: [
      ...labelledOrNot(property(value, "dependency"), "config_path").flatMap((block) =>
        paths(property(block, "config_path"), "root"),
      ),
      ...blocks(property(value, "dependencies")).flatMap((block) =>
        paths(property(block, "paths"), "root"),
      ),
    ],
  });
}

/**
 * `//` divides what is copied from where the code is; the code is what counts. A source without a
 * place, such as `../modules//vpc`, begins at the directory that is planned, also when it stands in
 * an included file.
 */
function localSource(source: unknown): readonly RawPath[] {
  return paths(source, "root").filter(({ from, path }) => from !== "root" || LOCAL.test(path));
}

const LOCAL = /^(?:\.\.?(?:\/|$)|\/|$)/;

/** Literal paths in a string or a list of strings. */
function paths(value: unknown, plain: Anchor = "file"): readonly RawPath[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    const parts = typeof one === "string" ? readTemplate(one) : undefined;
    const path = parts === undefined ? undefined : literalPath(parts, TERRAGRUNT, plain);
    return path === undefined ? [] : [path];
  });
}

/** Blocks whose label may be left out: they are told apart by an attribute that all of them have. */
function labelledOrNot(value: unknown, attribute: string): readonly unknown[] {
  return blocks(value).flatMap((block) => {
    const own = property(block, attribute);
    const isBlock = own !== undefined && !blocks(own).some(isObject);
    return isBlock ? [block] : Object.values(block).flatMap(blocks);
  });
}
