import type { WorkStep } from "../../contract/step.ts";
import { OK, type Scope, type StepEnd } from "../scope.ts";
import { type ExpandedText, expandText } from "../template.ts";
import { failureOf } from "../text.ts";
import { missingVariable } from "./engine-args.ts";
import { post } from "./post.ts";

type WebhookStep = Extract<WorkStep, { type: "webhook" }>;

const SECRET_HEADER = /authorization|cookie|token|key|secret/i;
/** What is told about the run where the step says nothing itself. */
const TOLD = {
  operation: "TERRANE_OPERATION",
  repository: "TERRANE_REPOSITORY",
  pull_request: "TERRANE_PULL_REQUEST",
  run_kind: "TERRANE_RUN_KIND",
  run_url: "TERRANE_RUN_URL",
  dir: "TERRANE_DIR",
  workspace: "TERRANE_WORKSPACE",
  result: "TERRANE_RESULT",
} as const;

/** Posts to an address of the customer's. */
export async function webhookStep(scope: Scope, step: WebhookStep): Promise<StepEnd> {
  const { masker, stop } = scope.job;
  const url = expandText(step.url, scope.env);
  if (url.kind === "missing") return missingVariable("webhook", url.name);
  // What is kept in a variable is there because it is not for everybody.
  if (url.text !== step.url) masker.add(url.text);
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(step.headers)) {
    const learn = SECRET_HEADER.test(name);
    const value = expandText(template, scope.env, (text) => {
      if (learn) masker.add(text);
      return text;
    });
    if (value.kind === "missing") return missingVariable("webhook", value.name);
    headers[name.toLowerCase()] = value.text;
  }
  const body = bodyOf(scope, step);
  if (body.kind === "missing") return missingVariable("webhook", body.name);
  const type = isJson(body.text) ? "application/json" : "text/plain; charset=utf-8";
  const posted = await post(
    { url: url.text, headers: { "content-type": type, ...headers }, body: masker.mask(body.text) },
    masker,
    stop,
  );
  if (posted.kind === "failed") return failed(`The webhook was not called. ${posted.because}`);
  await scope.output.say(body.text);
  return OK;
}

/** In a body that is JSON only its texts are templates, so that no value can break out of one. */
function bodyOf(scope: Scope, { body }: WebhookStep): ExpandedText {
  if (body === null) {
    const told = Object.entries(TOLD).flatMap(([name, variable]) => {
      const value = scope.env[variable];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { kind: "ok", text: JSON.stringify(Object.fromEntries(told)) };
  }
  if (!isJson(body)) return expandText(body, scope.env);
  let missing: string | undefined;
  const document: unknown = JSON.parse(body, (_, value: unknown) => {
    if (typeof value !== "string") return value;
    const expanded = expandText(value, scope.env);
    if (expanded.kind === "ok") return expanded.text;
    missing ??= expanded.name;
    return value;
  });
  return missing === undefined
    ? { kind: "ok", text: JSON.stringify(document) }
    : { kind: "missing", name: missing };
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

function failed(message: string): Extract<StepEnd, { kind: "failed" }> {
  return { kind: "failed", failure: failureOf("webhook", message) };
}
