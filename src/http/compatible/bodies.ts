import * as z from "zod/mini";
import { PrintedTree } from "../../contract/built-tree.ts";
import { Gate } from "../../contract/step.ts";

/** What existing runners send. Fields that are not known are passed over: there are many versions of them. */

const STEPS_MAX = 50_000;
const DIRSPACES_MAX = 10_000;

const text = z.string();
// PostgreSQL's text holds no NUL.
const dir = z.string().check(z.maxLength(1024), z.regex(/^[^\0]*$/));
const workspace = z.string().check(z.maxLength(90), z.regex(/^[^\0]*$/));
const short = z.string().check(z.maxLength(200));

export const InitiateBody = z.object({
  run_id: z.string().check(z.minLength(1), z.maxLength(100)),
  sha: z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)),
});

export const PlanBody = z.object({
  path: dir,
  workspace,
  plan_data: text,
  has_changes: z.boolean(),
});

const Scope = z.union([
  z.object({
    type: z.literal("dirspace"),
    dir,
    workspace,
  }),
  z.object({
    type: z.literal("run"),
    flow: z.string(),
    subflow: z.string(),
  }),
]);

/** Each kind of step has its own; what is read from it is looked at where it is read. */
const Payload = z.record(z.string(), z.unknown());
export type Payload = z.infer<typeof Payload>;

const Step = z.object({
  step: short,
  success: z.boolean(),
  ignore_errors: z._default(z.boolean(), false),
  scope: Scope,
  payload: z._default(Payload, {}),
});
export type Step = z.infer<typeof Step>;

const count = z.nullish(z.number().check(z.gte(0), z.lte(100)));
const terms = z.nullish(Gate.shape.allOf);

export const RaisedGate = z.object({
  token: z.nullish(z.string().check(z.maxLength(100))),
  name: z.nullish(Gate.shape.name),
  all_of: terms,
  any_of: terms,
  any_of_count: count,
  add_reviewers: z.nullish(z.boolean()),
  dir: z.nullish(dir),
  workspace: z.nullish(workspace),
});
export type RaisedGate = z.infer<typeof RaisedGate>;

export const ResultsV2 = z.object({
  steps: z.array(Step).check(z.maxLength(STEPS_MAX)),
  gates: z.nullish(z.array(RaisedGate).check(z.maxLength(DIRSPACES_MAX))),
});
export type ResultsV2 = z.infer<typeof ResultsV2>;

const OutputV1 = z.object({
  workflow_step: z.looseObject({ type: short }),
  success: z.boolean(),
  outputs: z.nullish(Payload),
});
export type OutputV1 = z.infer<typeof OutputV1>;
const outputsV1 = z.array(OutputV1).check(z.maxLength(STEPS_MAX));

export const ResultsV1 = z.object({
  overall: z.object({
    success: z.boolean(),
    outputs: z.nullish(z.object({ pre: z.nullish(outputsV1), post: z.nullish(outputsV1) })),
  }),
  dirspaces: z
    .array(
      z.object({
        path: dir,
        workspace,
        success: z.boolean(),
        outputs: outputsV1,
      }),
    )
    .check(z.maxLength(DIRSPACES_MAX)),
});
export type ResultsV1 = z.infer<typeof ResultsV1>;

const path = z.string().check(z.maxLength(4096));

export const IndexResult = z.object({
  version: z.literal(1),
  success: z.boolean(),
  paths: z.record(
    path,
    z.object({
      modules: z.nullish(z.array(path)),
      failures: z.nullish(
        z.record(path, z.object({ lnum: z.nullish(z.number()), msg: z.nullish(text) })),
      ),
    }),
  ),
  symlinks: z.nullish(z.record(path, path)),
});
export type IndexResult = z.infer<typeof IndexResult>;

export const BuildConfigResult = z.object({ config: z.unknown() });
export type BuildConfigResult = z.infer<typeof BuildConfigResult>;

export const BuildTreeResult = z.object({ files: PrintedTree });
export type BuildTreeResult = z.infer<typeof BuildTreeResult>;

/** Any of them may have failed as a whole; the newest says so with the text alone. */
export const FailureResult = z.union([z.string(), z.object({ msg: text })]);
