import * as z from "zod/mini";
import { BuiltTree } from "./built-tree.ts";
import { WorkEngine } from "./engine.ts";
import { PlanStorage } from "./plan-storage.ts";
import { repositoryIndex } from "./repository-index.ts";
import { GATES_MAX, Gate, StepReports, WorkHook, WorkStep } from "./step.ts";

/**
 * What travels between the runner and the server. The runner reports facts ("exit code 2, 3 to add"),
 * never verdicts. Versioned by path (`/api/v1/runner`) and by `format` in results.
 */

const Sha = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
const Digest = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export const OUTPUT_CHUNK_CHARS_MAX = 64_000;
export const PLAN_BYTES_MAX = 64 * 1024 * 1024;
export const RESULT_CHANGES_MAX = 5_000;
export const RESULT_TEXT_CHARS_MAX = 60_000;

export const WorkDirspace = z.object({
  dir: z.string().check(z.maxLength(1024)),
  workspace: z.string().check(z.maxLength(90)),
});
export type WorkDirspace = z.infer<typeof WorkDirspace>;

export const WorkUnit = z.object({
  ...WorkDirspace.shape,
  steps: z.array(WorkStep),
  engine: WorkEngine,
  createAndSelectWorkspace: z.boolean(),
  /** The stack it belongs to; its variables are variables of the environment of every step. */
  stack: z.optional(z.object({ name: z.string(), variables: z.record(z.string(), z.string()) })),
  /** Dirspaces of this same run that must be unchanged (plan) or applied (apply) before this one starts. */
  after: z.array(WorkDirspace),
  /** For apply: which plan was reviewed. */
  planDigest: z.nullable(Digest),
  /** For apply: what its plan asked for and people gave. A step that asks for anything else then fails. */
  approved: z.optional(z.array(Gate)),
  /** How long it will take, from earlier ones; the longest path of what is left goes first. */
  expectedMs: z.optional(z.number().check(z.gte(0))),
  /** Why this version cannot work on it as configured. The runner starts nothing and reports it as failed with this text. */
  unsupported: z.optional(z.string().check(z.maxLength(2_000))),
});
export type WorkUnit = z.infer<typeof WorkUnit>;

/** Everything a runner needs for one run. No secret of the customer is in it, and no code. */
export const WorkItem = z.object({
  runId: z.string(),
  kind: z.enum(["plan", "apply"]),
  repository: z.object({
    fullName: z.string(),
    /** Set where the runner must fetch by itself; the CI system's checkout is used otherwise. */
    cloneUrl: z.nullable(z.string()),
  }),
  pullRequest: z.object({ number: z.number(), headRef: z.string(), baseRef: z.string() }),
  /** Check out this commit … */
  headSha: Sha,
  /** … merged with this one (the same as `headSha` after the merge). */
  baseSha: Sha,
  /** The pull request's head, before and after its merge: what was reviewed, and what seals are bound to (S12). */
  reviewedSha: Sha,
  /** What to find out about the head first; the units, or the next such thing, then come with the next work. */
  prepares: z.optional(z.array(z.enum(["tree", "config", "index"]))),
  /** For `tree` and `config`: what to run for it. */
  builder: z.optional(
    z.object({
      script: z.string(),
      stdin: z.optional(z.string()),
      /** Of what is asked; goes back with the answer. */
      digest: z.optional(Digest),
    }),
  ),
  parallel: z.number().check(z.gte(1), z.lte(64)),
  /** Of an apply: its units have no plan that was reviewed, and the engine applies what it plans then. */
  autoApprove: z.optional(z.boolean()),
  units: z.array(WorkUnit),
  /** Of this run: what runs once before and after its units, in this order. Absent from older servers. */
  hooks: z.optional(z.object({ pre: z.array(WorkHook), post: z.array(WorkHook) })),
  /** Where its plans wait; absent: on the server. */
  storage: z.optional(PlanStorage),
  /**
   * The server lets nothing be applied before the gates of a result are satisfied. From one that does not
   * say so, a step that asks for an approval fails: nobody would wait for it.
   */
  keepsGates: z.optional(z.boolean()),
  /** What to ask about the monthly cost of what is planned; absent: nothing. */
  cost: z.optional(
    z.object({ provider: z.enum(["infracost", "openinfraquote"]), currency: z.string() }),
  ),
  /** What asked for it; absent: a pull request. */
  trigger: z.optional(z.enum(["pr", "drift"])),
  /** Key for sealing plan files, base64 of 32 bytes, unless the job brings its own. Derived per run; not stored. */
  sealKey: z.string(),
  heartbeatSeconds: z.number(),
  dashboardUrl: z.nullable(z.string()),
});
export type WorkItem = z.infer<typeof WorkItem>;

export const ClaimReply = z.object({
  /** Bearer credential for every further call of this run; shown once, stored hashed. */
  credential: z.string(),
  work: WorkItem,
});
export type ClaimReply = z.infer<typeof ClaimReply>;

/** A larger index is not sent; nor taken. */
export const INDEX_BYTES_MAX = 16 * 1024 * 1024;

/** What the code of a commit refers to; the commit is said, so that no other is taken for it. */
export const IndexBody = z.object({ format: z.literal(1), commit: Sha, index: repositoryIndex });
export const IndexReply = z.object({ recorded: z.boolean() });

/** As much as any configuration may have. */
export const BUILT_CONFIG_CHARS_MAX = 256 * 1024;

/** The commit, and what was asked, are said, so that no other is taken for it. */
const built = { format: z.literal(1), commit: Sha, digest: z.optional(Digest) };

/** What a builder printed. */
export const BuiltBody = z.discriminatedUnion("what", [
  z.object({ ...built, what: z.literal("tree"), tree: BuiltTree }),
  z.object({
    ...built,
    what: z.literal("config"),
    text: z.string().check(z.maxLength(BUILT_CONFIG_CHARS_MAX)),
  }),
]);
export type BuiltBody = z.infer<typeof BuiltBody>;

/** What a job that has prepared its run goes on with; asked again until it is not `wait`. */
export const NextReply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("wait") }),
  z.object({ kind: z.literal("work"), work: WorkItem }),
  /** `finished`: everything is done; otherwise the run was ended early. */
  z.object({ kind: z.literal("done"), finished: z.boolean() }),
]);
export type NextReply = z.infer<typeof NextReply>;

export const HeartbeatBody = z.object({
  /** Units now being worked on. */
  running: z.array(WorkDirspace),
});
export const HeartbeatReply = z.object({
  /** Stop gracefully: interrupt the tools, report, finish. */
  cancel: z.boolean(),
});

/** A piece of one unit's log. Numbers start at 0 and leave no gap; the same number again is ignored. */
export const OutputBody = z.object({
  unit: WorkDirspace,
  seq: z.number().check(z.gte(0)),
  text: z.string().check(z.maxLength(OUTPUT_CHUNK_CHARS_MAX)),
});
export const OutputReply = z.object({ nextSeq: z.number() });

export const ResourceAction = z.enum([
  "create",
  "update",
  "replace",
  "delete",
  "read",
  "import",
  "forget",
  "move",
]);
export type ResourceAction = z.infer<typeof ResourceAction>;

export const ResourceChange = z.object({
  address: z.string(),
  action: ResourceAction,
  /** Attribute paths that force a replacement. */
  replacePaths: z.array(z.string()),
});
export type ResourceChange = z.infer<typeof ResourceChange>;

/** Counted from the JSON plan, never from text. */
export const ChangeCounts = z.object({
  create: z.number(),
  update: z.number(),
  replace: z.number(),
  delete: z.number(),
  import: z.number(),
  move: z.number(),
  forget: z.number(),
  outputs: z.number(),
});
export type ChangeCounts = z.infer<typeof ChangeCounts>;

export const Failure = z.object({
  /** Which step ended it: `checkout`, `init`, `plan`, `apply`, `run`, `seal`, `grant`, … */
  step: z.string(),
  message: z.string().check(z.maxLength(2_000)),
  /** Last lines of the tool's output, secrets masked. */
  tail: z.string().check(z.maxLength(RESULT_TEXT_CHARS_MAX)),
  exitCode: z.nullable(z.number()),
  signal: z.nullable(z.string()),
});
export type Failure = z.infer<typeof Failure>;

export const FACTS_MAX = 2_000;
const Name = z.string().check(z.maxLength(1_000));

/** What the plan was made from, for later use; no decision reads it yet. */
export const PlanFacts = z.object({
  /** `registry.terraform.io/hashicorp/aws` and the version that planned. */
  providers: z
    .array(z.object({ source: Name, version: z.nullable(Name) }))
    .check(z.maxLength(FACTS_MAX)),
  modules: z
    .array(z.object({ path: Name, source: Name, version: z.nullable(Name) }))
    .check(z.maxLength(FACTS_MAX)),
  /** What went in, by SHA-256: `lock_file`, `variables`, `code`, … */
  inputs: z.record(z.string().check(z.maxLength(100)), Digest),
  /** The tool and its version: `terraform 1.11.4`. */
  tool: z.nullable(z.string().check(z.maxLength(200))),
});
export type PlanFacts = z.infer<typeof PlanFacts>;

const Amount = z.number();

/** What the planned infrastructure costs per month, by an external tool's estimate. */
export const PlanCost = z.object({
  currency: z.string().check(z.maxLength(10)),
  monthlyBefore: Amount,
  monthlyAfter: Amount,
  monthlyDifference: Amount,
});
export type PlanCost = z.infer<typeof PlanCost>;

const PlannedFacts = {
  counts: ChangeCounts,
  changes: z.array(ResourceChange).check(z.maxLength(RESULT_CHANGES_MAX)),
  /** Human-readable plan without sensitive values, middle elided. */
  text: z.string().check(z.maxLength(RESULT_TEXT_CHARS_MAX)),
};

export const UnitResult = z.discriminatedUnion("outcome", [
  /** Plan made. `changed` false: nothing to apply. The plan file was uploaded before, under `planDigest`. */
  z.object({
    outcome: z.literal("planned"),
    changed: z.boolean(),
    planDigest: z.nullable(Digest),
    ...PlannedFacts,
    steps: z.optional(StepReports),
    /** Approvals that its steps asked for before this plan may be applied. */
    gates: z.optional(z.array(Gate).check(z.maxLength(GATES_MAX))),
    facts: z.optional(PlanFacts),
    cost: z.optional(PlanCost),
  }),
  z.object({
    outcome: z.literal("applied"),
    fence: z.number(),
    /** Names and values of outputs; sensitive ones without value. */
    outputs: z.array(
      z.object({
        name: z.string(),
        sensitive: z.boolean(),
        value: z.nullable(z.string().check(z.maxLength(4_000))),
      }),
    ),
    text: z.string().check(z.maxLength(RESULT_TEXT_CHARS_MAX)),
    steps: z.optional(StepReports),
  }),
  /** `fence` is set when an apply had been granted: something may have changed. */
  z.object({
    outcome: z.literal("failed"),
    failure: Failure,
    fence: z.nullable(z.number()),
    steps: z.optional(StepReports),
  }),
  /** Plan only: a predecessor of this run has changes (or failed), so this must wait for its apply. */
  z.object({ outcome: z.literal("waiting"), for: z.array(WorkDirspace) }),
  /** Never started: the run was cancelled, or an apply's grant was refused. */
  z.object({ outcome: z.literal("not_started"), because: z.string().check(z.maxLength(2_000)) }),
]);
export type UnitResult = z.infer<typeof UnitResult>;

export const ResultBody = z.object({
  format: z.literal(1),
  unit: WorkDirspace,
  result: UnitResult,
  durationMs: z.number(),
});
export const ResultReply = z.object({ recorded: z.boolean() });

/** Without a digest where the work says that no reviewed plan binds it. */
export const GrantBody = z.object({ unit: WorkDirspace, planDigest: z.nullable(Digest) });
/** Taken immediately before an apply; consumed once (S5). `planUrl` is fetched with the run's credential. */
export const GrantReply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("granted"), fence: z.number(), sealKey: z.string() }),
  z.object({ kind: z.literal("refused"), code: z.string(), message: z.string() }),
]);
export type GrantReply = z.infer<typeof GrantReply>;

export const ISSUES_MAX = 100;
export const ISSUE_BODY_CHARS_MAX = 60_000;

/** As many as fit beside the longest body in what a VCS takes. */
export const ISSUE_SUBJECTS_MAX = 300;

/** An issue to open, unless one about some of the same is open: that one then tells this instead. */
export const Issue = z.object({
  title: z.string().check(z.maxLength(255)),
  /** Markdown, masked. */
  body: z.string().check(z.maxLength(ISSUE_BODY_CHARS_MAX)),
  /** Says whether two issues tell the same. */
  dedupe: Digest,
  /** What it is about: the first digits of a digest of each dirspace's name. Absent from older runners. */
  about: z.optional(
    z
      .array(z.string().check(z.regex(/^[0-9a-f]{12}$/)))
      .check(z.minLength(1), z.maxLength(ISSUE_SUBJECTS_MAX)),
  ),
});
export type Issue = z.infer<typeof Issue>;

export const FinishBody = z.object({
  /** Set when the job as a whole could not work, e.g. the checkout conflicts. */
  failure: z.nullable(Failure),
  /** What the hooks did. */
  hooks: z.optional(z.object({ pre: StepReports, post: StepReports })),
  /**
   * Approvals that the hooks after the dirspaces asked for, of every dirspace of this run. Absent where one that may ask
   * failed, was cut off or never ran: then nobody knows, and nothing of the run is applied.
   */
  gates: z.optional(z.array(Gate).check(z.maxLength(GATES_MAX))),
  /** Of a run that looks for drift, where a hook asks for issues. */
  issues: z.optional(z.array(Issue).check(z.maxLength(ISSUES_MAX))),
});
export type FinishBody = z.infer<typeof FinishBody>;

export const ErrorReply = z.object({
  error: z.object({ code: z.string(), message: z.string(), next: z.optional(z.string()) }),
});
export type ErrorReply = z.infer<typeof ErrorReply>;
