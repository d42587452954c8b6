import { join } from "node:path";
import type { StepReport } from "../contract/step.ts";
import type { PlanCost, WorkItem } from "../contract/work.ts";
import { infracostEstimate, openInfraQuoteEstimate } from "./cost-estimate.ts";
import { type Captured, capture, findProgram } from "./process.ts";
import { Stop } from "./stop.ts";
import { lastLinesOf } from "./text.ts";
import type { UnitState } from "./unit-state.ts";

type Asked = NonNullable<WorkItem["cost"]>;

export interface Costed {
  readonly cost: PlanCost | undefined;
  readonly report: StepReport;
}

/** A result waits no longer than this for a number that nobody needs for a decision. */
const COST_MS_MAX = 60_000;
const OUTPUT_CHARS_MAX = 64_000_000;
const ERROR_LINES = 20;
const PROGRAMS = { infracost: "infracost", openinfraquote: "oiq" } as const;

/**
 * Asks an external tool what the plan costs, beside the steps that follow and not before them. Undefined
 * where the job has no such tool; nothing that goes wrong here is anybody's failure.
 */
export async function estimateCost(state: UnitState): Promise<Costed | undefined> {
  const asked = state.job.work.cost;
  const plan = state.planJson;
  if (asked === undefined || plan === undefined) return undefined;
  const program = await findProgram(PROGRAMS[asked.provider], state.env, state.path);
  if (program === undefined) return undefined;
  const startedAt = performance.now();
  const stop = new Stop();
  const unwatch = state.job.stop.watch(() => stop.request(state.job.stop.reason ?? "stopped"));
  const timer = setTimeout(
    () => stop.request(`It took longer than ${COST_MS_MAX / 1_000} s.`),
    COST_MS_MAX,
  );
  const estimated = await ask({ state, asked, program, plan, stop }).catch((error: unknown) =>
    problem(error instanceof Error ? error.message : String(error)),
  );
  clearTimeout(timer);
  unwatch();
  const durationMs = Math.round(performance.now() - startedAt);
  return costed(asked, estimated, durationMs);
}

interface Question {
  readonly state: UnitState;
  readonly asked: Asked;
  readonly program: string;
  readonly plan: string;
  readonly stop: Stop;
}

type Estimated =
  | { readonly kind: "ok"; readonly cost: PlanCost; readonly text: string }
  | { readonly kind: "problem"; readonly text: string };

async function ask(question: Question): Promise<Estimated> {
  return question.asked.provider === "infracost"
    ? await askInfracost(question)
    : await askOpenInfraQuote(question);
}

async function askInfracost(question: Question): Promise<Estimated> {
  const env = {
    ...question.state.env,
    INFRACOST_CURRENCY: question.asked.currency,
    INFRACOST_SKIP_UPDATE_CHECK: "true",
  };
  const args = ["breakdown", "--path", question.plan, "--format", "json", "--no-color"];
  const run = await call(question, args, env);
  if (!succeeded(run)) return said(run);
  return infracostEstimate(run.stdout, question.asked.currency) ?? problem(NOT_UNDERSTOOD);
}

/** Its price sheet is a file that the job brings: nothing about the plan leaves it. */
async function askOpenInfraQuote(question: Question): Promise<Estimated> {
  const { env, tmp } = question.state;
  const sheet = env["OIQ_PRICE_SHEET"] ?? "";
  if (sheet === "") return problem("Set OIQ_PRICE_SHEET to the file with the prices.");
  const matches = join(tmp, "oiq-matches.json");
  const match = ["match", "--pricesheet", sheet, "--output", matches, question.plan];
  const matched = await call(question, match, env);
  if (!succeeded(matched)) return said(matched);
  const region = env["OIQ_REGION"] ?? env["AWS_REGION"] ?? "";
  const where = region === "" ? [] : ["--region", region];
  const priced = await call(
    question,
    ["price", "--input", matches, "--format", "json", ...where],
    env,
  );
  if (!succeeded(priced)) return said(priced);
  return openInfraQuoteEstimate(priced.stdout) ?? problem(NOT_UNDERSTOOD);
}

const NOT_UNDERSTOOD = "What it printed is not the JSON that was asked for.";

async function call(
  { state, program, stop }: Question,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Captured> {
  const command = { program, args, cwd: state.path, env, protect: false };
  return await capture(command, { stop, graceMs: 1_000, charsMax: OUTPUT_CHARS_MAX });
}

function succeeded({ ended }: Captured): boolean {
  return ended.kind === "exited" && ended.code === 0;
}

function said({ ended, stderr, stdout }: Captured): Estimated {
  if (ended.kind === "not_started") return problem(ended.message);
  const words = stderr.trim() === "" ? stdout : stderr;
  const how = ended.signal === null ? `exit code ${ended.code}` : ended.signal;
  return problem(`It ended with ${how}.\n${lastLinesOf(words, ERROR_LINES)}`.trim());
}

function problem(text: string): Extract<Estimated, { kind: "problem" }> {
  return { kind: "problem", text };
}

function costed({ provider }: Asked, estimated: Estimated, durationMs: number): Costed {
  const ok = estimated.kind === "ok";
  return {
    cost: ok ? estimated.cost : undefined,
    report: {
      step: "cost_estimation",
      title: PROGRAMS[provider],
      outcome: ok ? "succeeded" : "ignored",
      // Who asked for the price of a change wants to see it in the review.
      visibleOn: "always",
      format: { type: "code" },
      text: estimated.text,
      exitCode: null,
      durationMs,
    },
  };
}
