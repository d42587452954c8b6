import { z } from "zod";
import { engine } from "./engine.ts";
import { argv, env, matchList, optional, strict, tagQuery } from "./helpers.ts";

const seconds = z.number().min(0);
const runOn = z.enum(["success", "failure", "always"]);

const gate = strict({
  type: z.literal("gate"),
  all_of: optional(matchList),
  any_of: optional(matchList),
  any_of_count: optional(z.int().min(1)),
  name: optional(z.string()),
  token: optional(z.string()),
});

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

const run = strict({
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
  on_error: optional(z.array(gate)),
  run_on: optional(runOn),
  visible_on: optional(runOn),
});

const envStep = z.discriminatedUnion("method", [
  strict({
    type: z.literal("env"),
    method: z.literal("exec"),
    name: z.string().min(1),
    cmd: argv.min(1),
    sensitive: optional(z.boolean()),
    trim_trailing_newlines: optional(z.boolean()),
  }),
  strict({
    type: z.literal("env"),
    method: z.literal("source"),
    cmd: argv.min(1),
    sensitive: optional(z.boolean()),
  }),
]);

const unsupported = z.looseObject({
  type: z.enum(["oidc", "checkov", "conftest", "opa", "gates", "slack"]),
});

export const step = z.discriminatedUnion("type", [init, plan, apply, run, envStep, unsupported]);

export const workflow = strict({
  tag_query: tagQuery,
  plan: optional(z.array(step)),
  apply: optional(z.array(step)),
  engine: optional(engine),
  environment: optional(z.string()),
  integrations: z.unknown().optional(),
  lock_policy: optional(z.enum(["strict", "apply", "merge", "none"])),
  runs_on: z.json().optional(),
  terraform_version: optional(z.string()),
  terragrunt: optional(z.boolean()),
  cdktf: optional(z.boolean()),
});

export type RawStep = z.infer<typeof step>;
export type RawGate = z.infer<typeof gate>;
export type WorkflowInput = z.infer<typeof workflow>;
