import fc from "fast-check";
import { expect, test } from "vitest";
import { readPreview } from "./pulumi-preview.ts";

const STACK = "urn:pulumi:dev::web::pulumi:pulumi:Stack::web-dev";

test("a change of a stack's outputs alone is a change", () => {
  const step = (before: string, after: string) => ({
    op: "same",
    urn: STACK,
    oldState: { outputs: { url: before } },
    newState: { outputs: { url: after } },
  });
  expect(readPreview({ steps: [step("a", "b")] })).toMatchObject({
    changed: true,
    changes: [],
    counts: { outputs: 1 },
  });
  expect(readPreview({ steps: [step("a", "a")] })).toMatchObject({ changed: false });
});

test("a summary that counts more than its steps show still means that there are changes", () => {
  expect(readPreview({ changeSummary: { same: 1, delete: 2 } })).toMatchObject({
    changed: true,
    text: "Resources: 1 same, 2 delete",
  });
  expect(readPreview({ changeSummary: { same: 1, read: 2 } }).changed).toBe(false);
});

test("values of resources never reach the text", () => {
  const urn = "urn:pulumi:dev::web::aws:rds/instance:Instance::db";
  const newState = { inputs: { password: "s3cret" }, outputs: { password: "s3cret" } };
  const document = { steps: [{ op: "create", urn, newState }], config: { "web:key": "s3cret" } };
  expect(JSON.stringify(readPreview(document))).not.toContain("s3cret");
});

test("any JSON is read without an error", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void readPreview(value)));
  fc.assert(fc.property(fc.array(fc.jsonValue()), (steps) => void readPreview({ steps })));
});
