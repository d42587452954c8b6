import fc from "fast-check";
import { expect, test } from "vitest";
import { hasBackendBlock, isEngineFile } from "./backend-block.ts";

test.each([
  ["a backend", 'terraform {\n  backend "s3" {\n  }\n}', true],
  ["on one line", 'terraform { backend "s3" {} }', true],
  ["a bare label", "terraform {\n backend s3 {}\n}", true],
  ["cloud", 'terraform {\n  cloud {\n    organization = "x"\n  }\n}', true],
  [
    "after other settings",
    'terraform {\n required_version = ">= 1"\n required_providers {\n a = { source = "x" }\n }\n backend "gcs" {}\n}',
    true,
  ],
  ["with Windows line ends", 'terraform {\r\n  backend "s3" {\r\n  }\r\n}\r\n', true],
  [
    "in the second block",
    'terraform {\n}\nresource "a" "b" {}\nterraform { backend "local" {} }',
    true,
  ],
  ["after a string with braces", 'locals { a = "}{" }\nterraform { backend "x" {} }', true],
  [
    "after a nested template",
    'locals { a = "${foo("}", "${x}")}" }\nterraform { backend "x" {} }',
    true,
  ],
  ["after an escaped template", 'locals { a = "$${" }\nterraform { backend "x" {} }', true],
  ["nothing", "", false],
  ["only a terraform block", 'terraform {\n  required_version = ">= 1"\n}', false],
  ["a comment", '# terraform { backend "s3" {} }\n// terraform { backend "s3" {} }', false],
  ["a commented line", 'terraform {\n  # backend "s3" {}\n}', false],
  ["a block comment", 'terraform {\n/* backend "s3" {\n} */\n}', false],
  ["a string", 'locals { a = "terraform { backend \\"s3\\" {} }" }', false],
  ["a heredoc", 'locals {\n a = <<EOT\nterraform {\n  backend "s3" {\n  }\n}\nEOT\n}', false],
  [
    "an indented heredoc",
    'locals {\n a = <<-EOT\n  terraform {\n    backend "s3" {}\n  }\n  EOT\n}',
    false,
  ],
  ["an attribute", 'terraform {\n backend = "s3"\n}', false],
  ["a block elsewhere", 'resource "x" "y" {\n  backend "s3" {}\n}', false],
  ["a deeper block", 'terraform {\n provider_meta "x" {\n  backend "s3" {}\n }\n}', false],
  ["a resource called terraform", 'terraform "x" { backend "s3" {} }', false],
])("%s", (_name, text, expected) => {
  expect(hasBackendBlock("main.tf", text)).toBe(expected);
});

test.each([
  ['{"terraform":{"backend":{"s3":{}}}}', true],
  ['{"terraform":[{"required_version":"1"},{"backend":[{"s3":{}}]}]}', true],
  ['[{"terraform":{"cloud":{}}}]', true],
  ['{"terraform":{"required_version":"1"}}', false],
  ['{"resource":{"backend":{"x":{}}}}', false],
  ["{broken", false],
  ["null", false],
])("JSON syntax: %s", (text, expected) => {
  expect(hasBackendBlock("main.tf.json", text)).toBe(expected);
});

test.each([
  ["main.tf", true],
  ["x.tofu", true],
  ["x.tf.json", true],
  ["x.tfvars", false],
  [".hidden.tf", false],
  ["README.md", false],
])("%s is read: %s", (name, expected) => {
  expect(isEngineFile(name)).toBe(expected);
});

test("any text is judged without an error and in linear time", () => {
  const pieces = fc.constantFrom(
    "terraform",
    "{",
    "}",
    '"',
    "${",
    "<<EOT\n",
    "EOT",
    "\n",
    "/*",
    "#",
    "\\",
    "backend",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      expect(typeof hasBackendBlock("main.tf", parts.join(" "))).toBe("boolean");
    }),
  );
  expect(hasBackendBlock("main.tf", '"${'.repeat(200_000))).toBe(false);
});
