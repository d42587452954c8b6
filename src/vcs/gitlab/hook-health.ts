import { z } from "zod";
import type { RepositoryRef, VcsResult, WebhookTrouble } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";

/** What follows from nothing else. Each is one of the triggers that people tick. */
const TRIGGERS = [
  ["merge_requests_events", "Merge request"],
  ["note_events", "Comments"],
  ["push_events", "Push"],
  ["pipeline_events", "Pipeline"],
  ["job_events", "Job"],
] as const;

const triggerSchema = z.boolean().nullish();
const hookSchema = z.object({
  url: z.string(),
  /** `executable`, `temporarily_disabled` or `disabled`; older ones do not say. */
  alert_status: z.string().nullish(),
  disabled_until: z.string().nullish(),
  merge_requests_events: triggerSchema,
  note_events: triggerSchema,
  push_events: triggerSchema,
  pipeline_events: triggerSchema,
  job_events: triggerSchema,
});

type Hook = z.infer<typeof hookSchema>;

const WHERE = "Settings, Webhooks";

/**
 * What keeps the webhook of a project from coming to this address, as GitLab says it. A project without one may be in a group
 * that has one, which GitLab tells owners alone; so none is no trouble, and neither is what the token may not see.
 */
export async function webhookTrouble(
  client: GitlabClient,
  repo: RepositoryRef,
  url: string,
): Promise<VcsResult<WebhookTrouble | undefined>> {
  const request = { method: "GET", path: projectPath(repo, "/hooks") } as const;
  const hooks = await client.pages(request, z.array(hookSchema));
  if (hooks.kind === "forbidden" || hooks.kind === "not_found") return ok(undefined);
  if (hooks.kind !== "ok") return hooks;
  const ours = hooks.value.filter((hook) => hook.url === url).map(troubleOf);
  // One that works is enough.
  return ok(ours.includes(undefined) ? undefined : ours[0]);
}

function troubleOf(hook: Hook): WebhookTrouble | undefined {
  const { alert_status: status, disabled_until: until } = hook;
  if (status === "disabled") {
    const message =
      "GitLab has switched the webhook off, because this server answered too often with an error.";
    return {
      message,
      next: `Look at its recent events (${WHERE}), then press Test there: a success switches it on again.`,
    };
  }
  if (status === "temporarily_disabled") {
    const message = `GitLab sends nothing until ${until ?? "later"}, because this server answered several times with an error.`;
    return {
      message,
      next: `Look at its recent events (${WHERE}), or press Test there: a success ends the pause.`,
    };
  }
  const missing = TRIGGERS.filter(([key]) => hook[key] === false).map(([, name]) => name);
  if (missing.length === 0) return undefined;
  const message = `The webhook does not tell of: ${missing.join(", ")}.`;
  return { message, next: `Tick what is missing (${WHERE}).` };
}
