import type { WorkStep } from "../../contract/step.ts";
import { OK, type Scope, type StepEnd } from "../scope.ts";
import { expandText } from "../template.ts";
import { failureOf } from "../text.ts";
import { missingVariable } from "./engine-args.ts";
import { post } from "./post.ts";

const ADDRESS_VARIABLES = ["TERRANE_SLACK_WEBHOOK_URL", "SLACK_WEBHOOK_URL"];

/** Sends a message to the channel that the incoming webhook of the job belongs to. */
export async function slackStep(
  scope: Scope,
  step: Extract<WorkStep, { type: "slack" }>,
): Promise<StepEnd> {
  const url = ADDRESS_VARIABLES.map((name) => scope.env[name]).find((each) => (each ?? "") !== "");
  if (url === undefined) {
    return failed(
      "There is no address to send the message to. Set the secret SLACK_WEBHOOK_URL in the CI job, from an incoming webhook of Slack.",
    );
  }
  const { masker, stop } = scope.job;
  masker.add(url);
  const message = expandText(step.message, scope.env, escaped);
  if (message.kind === "missing") return missingVariable("slack", message.name);
  const posted = await post(
    {
      url,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: masker.mask(message.text) }),
    },
    masker,
    stop,
  );
  if (posted.kind === "failed") return failed(`The message was not sent. ${posted.because}`);
  await scope.output.say(message.text);
  return OK;
}

/** A value is text: it makes no link and calls nobody. */
function escaped(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function failed(message: string): StepEnd {
  return { kind: "failed", failure: failureOf("slack", message) };
}
