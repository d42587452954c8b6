import fc from "fast-check";
import { expect, test } from "vitest";
import { rawConfig } from "../../../test/support/config-arbitrary.ts";
import { parseConfig } from "./parse.ts";
import { configSchema } from "./schema/root.ts";

const step = (text: string) => `workflows:\n  - tag_query: ""\n    plan:\n      - ${text}\n`;

/** Where a mapping is one of several kinds, the message is about the kind that its author chose. */
test.each([
  [
    "storage: {plans: {method: s3, bucket: a, region: b, store: [a]}}",
    "it goes with `method: cmd`",
  ],
  ["storage: {plans: {method: terrane, bucket: a}}", "it goes with `method: s3`"],
  ["storage: {plans: {method: cmd, store: [a]}}", "`fetch` is missing in `storage.plans`"],
  [step("{type: oidc, client_id: c, tenant_id: t}"), "it goes with `provider: azure`"],
  [step("{type: oidc, provider: gcp, role_arn: r}"), "it goes with `provider: aws`"],
  [step("{type: env, method: source, name: A, cmd: [a]}"), "it goes with `method: exec`"],
  [step("{type: conftest, fail_on: defined}"), "it goes with a step of type `opa`"],
  [step("{type: run, cmd: [a], format: html}"), "one of `code`, `raw`, `markdown`, not `html`"],
  ["stacks: {names: {a: {stacks: [b], tagquery: x}}}", "did you mean `tag_query`?"],
  ["drift: {schedule: daily, reconcil: true}", "did you mean `reconcile`?"],
  ["hooks: {plan: {pre: [{type: run}]}}", "`cmd` is missing in `hooks.plan.pre[0]`"],
] as const)("%s is told about what was meant", (text, words) => {
  const [first] = parseConfig(text, "config.yml").diagnostics;
  expect(first?.message ?? "").toContain(words);
});

test("what is wrong in several sections is reported at once, in the order of the file", () => {
  const text = `drift:
  enabled: true
  schedules:
    nightly: {schedule: nightly, tag_query: "", time_zone: Pariss}
stacks:
  names:
    network: {tag_query: "(x"}
    all: {stacks: network}
access_control:
  policies:
    - {tag_query: "", apply: ["team"]}
hooks:
  all:
    pre: [{type: runn, cmd: [a]}]
storage: {plans: {method: s3}}
`;
  const { diagnostics } = parseConfig(text, "config.yml");
  expect(diagnostics.map((one) => `${one.line}:${one.column} ${one.path}`)).toEqual([
    "4:25 drift.schedules.nightly.schedule",
    "4:60 drift.schedules.nightly.time_zone",
    "7:26 stacks.names.network.tag_query",
    "8:19 stacks.names.all.stacks",
    "11:31 access_control.policies[0].apply[0]",
    "14:18 hooks.all.pre[0].type",
    "15:18 storage.plans.bucket",
    "15:18 storage.plans.region",
  ]);
});

const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  "x",
  "daily",
  "1 1 1 1 1",
  [],
  [[]],
  ["x", 1],
  {},
  { type: "env" },
  { type: "oidc", provider: 1 },
  { method: "s3" },
  { name: "cdktf" },
  { x: {} },
];

/** The document with one of its values replaced, or with one more key beside it. */
function broken(value: unknown, at: number, wrong: unknown): unknown {
  let left = at;
  const walk = (inner: unknown): unknown => {
    left -= 1;
    if (left === 0) return wrong;
    if (Array.isArray(inner)) return inner.map(walk);
    if (inner === null || typeof inner !== "object") return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, walk(one)]));
  };
  return walk(value);
}

const nearlyRight = fc
  .tuple(rawConfig, fc.array(fc.tuple(fc.nat(200), fc.constantFrom(...WRONG)), { maxLength: 4 }))
  .map(([raw, changes]) =>
    changes.reduce<unknown>((value, [at, wrong]) => broken(value, at + 2, wrong), raw),
  );

const anything = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...WRONG),
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...wordsOf(configSchema.shape), "default"), tie("node"), {
      maxKeys: 4,
    }),
  ),
})).node;

/** The keys at the top, and those that appear further down. */
function wordsOf(shape: object): readonly string[] {
  return [
    ...Object.keys(shape),
    ..."tag_query plan apply all pre post type method provider names schedules plans policies".split(
      " ",
    ),
    ..."cmd gate on_error any_of all_of rules stacks variables window start end env format".split(
      " ",
    ),
  ];
}

/** What the library that checks shapes says when nobody has put it in words. */
const RAW_WORDS =
  /Invalid (?:input|option|key|element)|Unrecognized|Expected|Too (?:big|small)|undefined/;

test("whatever a document holds, each message is in words and points into the document", () => {
  fc.assert(
    fc.property(fc.oneof(nearlyRight, anything), (document) => {
      const text = JSON.stringify(document);
      for (const { message, line, column, path } of parseConfig(text, "c.yml").diagnostics) {
        // The one word of the language that looks like a mistake of ours.
        const said = path.endsWith("fail_on") ? message.replace("`undefined`", "") : message;
        expect(said).not.toMatch(RAW_WORDS);
        expect(line).toBe(1);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 150 },
  );
});
