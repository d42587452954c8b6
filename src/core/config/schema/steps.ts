import { z } from "zod";
import { errorGate, policyGate } from "./gate.ts";
import { argv, env, optional, strict, text } from "./helpers.ts";
import { oidc } from "./oidc.ts";

const seconds = z.number().min(0);
const runOn = z.enum(["success", "failure", "always"]);

const init = strict({
  type: z.literal("init"),
  env: optional(env),
  extra_args: optional(argv),
});

const plan = strict({
  type: z.literal("plan"),
  env: optional(env),
  extra_args: optional(argv),
  mode: optional(z.enum(["strict", "fast-and-loose"])),
});

const apply = strict({
  type: z.literal("apply"),
  env: optional(env),
  extra_args: optional(argv),
  retry: optional(
    strict({
      enabled: optional(z.boolean()),
      tries: optional(z.int().min(1)),
      initial_sleep: optional(seconds),
      backoff: optional(seconds),
    }),
  ),
});

const run = strict(
  {
    type: z.literal("run"),
    cmd: argv.min(1),
    capture_output: optional(z.boolean()),
    env: optional(env),
    format: optional(
      z.union([
        z.enum(["code", "raw", "markdown"]),
        strict({ type: z.literal("code"), lang: optional(z.string()) }),
      ]),
    ),
    ignore_errors: optional(z.boolean()),
    on_error: optional(z.array(errorGate)),
    run_on: optional(runOn),
    visible_on: optional(runOn),
  },
  { elsewhere: { gate: "a `run` step has `on_error: [{type: gate, …}]`" } },
);

const EXEC = "it goes with `method: exec`";

const envStep = z.discriminatedUnion("method", [
  strict({
    type: z.literal("env"),
    method: z.literal("exec"),
    name: z.string().min(1),
    cmd: argv.min(1),
    sensitive: optional(z.boolean()),
    trim_trailing_newlines: optional(z.boolean()),
  }),
  strict(
    {
      type: z.literal("env"),
      method: z.literal("source"),
      cmd: argv.min(1),
      sensitive: optional(z.boolean()),
    },
    { elsewhere: { name: EXEC, trim_trailing_newlines: EXEC } },
  ),
]);

const policy = {
  env: optional(env),
  extra_args: optional(argv),
  gate: optional(policyGate),
  ignore_errors: optional(z.boolean()),
  run_on: optional(runOn),
  visible_on: optional(runOn),
};

const onlyOpa = { elsewhere: { fail_on: "it goes with a step of type `opa`" } };

const checkov = strict({ type: z.literal("checkov"), ...policy }, onlyOpa);
const conftest = strict({ type: z.literal("conftest"), ...policy }, onlyOpa);
const opa = strict({
  type: z.literal("opa"),
  ...policy,
  fail_on: optional(z.enum(["defined", "undefined"])),
});

const gates = strict({
  type: z.literal("gates"),
  cmd: argv.min(1),
  env: optional(env),
  run_on: optional(runOn),
});

const slack = strict(
  { type: z.literal("slack"), msg: z.string().min(1), run_on: optional(runOn) },
  { synonyms: { message: "msg", text: "msg" } },
);

const address = text("wrong_value", (value) =>
  /^(?:https?:\/\/|\$)/.test(value) ? undefined : "an address starts with https:// or http://",
);

const webhook = strict(
  {
    type: z.literal("webhook"),
    url: address,
    headers: optional(z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())),
    body: optional(z.string()),
    run_on: optional(runOn),
  },
  { synonyms: { message: "body", msg: "body", text: "body" } },
);

/** A step of the `plan` or `apply` list of a workflow. */
export const step = z.discriminatedUnion("type", [
  init,
  plan,
  apply,
  run,
  envStep,
  oidc,
  checkov,
  conftest,
  opa,
  gates,
  slack,
  webhook,
]);

const driftCreateIssue = strict({
  type: z.literal("drift_create_issue"),
  group_by: optional(z.enum(["all", "dirspace"])),
});

/** What runs once per run, and so neither plans nor applies. */
export const hook = z.discriminatedUnion("type", [
  run,
  envStep,
  oidc,
  driftCreateIssue,
  gates,
  slack,
  webhook,
]);

export type RawStep = z.infer<typeof step>;
export type RawHook = z.infer<typeof hook>;
