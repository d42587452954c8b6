import { truncateEnd } from "../../base/text.ts";

const NAME_CHARS_MAX = 60;

/** Why nothing follows from what GitHub tells; said of each delivery, so that nobody has to guess (P4). */
const REASONS: readonly { readonly because: string; readonly of: readonly string[] }[] = [
  { because: "GitHub only asks whether it is heard; it is.", of: ["ping"] },
  {
    because: "An edited comment never acts: whoever wants it done writes a new one.",
    of: ["issue_comment.edited"],
  },
  {
    because: "Deleting a comment takes nothing back: what it started goes on.",
    of: ["issue_comment.deleted"],
  },
  {
    because: "A comment on a line or a commit is no command; those stand in the conversation.",
    of: ["pull_request_review_comment", "commit_comment"],
  },
  {
    because: "Threads decide nothing; the verdict of the review does.",
    of: ["pull_request_review_thread"],
  },
  {
    because:
      "It changes nothing that is planned or applied; who is asked for a review is read with each apply.",
    of: ["pull_request", "pull_request_review"],
  },
  {
    because: "The merge queue tells of its groups itself.",
    of: ["pull_request.enqueued", "pull_request.dequeued", "merge_group"],
  },
  {
    because: "Checks of a commit are read when something is to be applied.",
    of: ["check_run", "check_suite", "status"],
  },
  {
    because: "Only the end of a workflow is news: its job says itself that it works.",
    of: ["workflow_run", "workflow_job"],
  },
  { because: "The start of a workflow is known to whoever started it.", of: ["workflow_dispatch"] },
  {
    because: "GitHub keeps environments itself: a job that waits for one is seen waiting.",
    of: ["deployment", "deployment_status", "deployment_review", "deployment_protection_rule"],
  },
  {
    because: "GitHub itself holds every merge against its rules; nothing of them is kept here.",
    of: ["branch_protection_rule", "branch_protection_configuration", "repository_ruleset"],
  },
  {
    because: "Rights and teams are asked for with every command.",
    of: ["member", "membership", "team", "team_add", "organization", "org_block", "user"],
  },
  {
    because: "The push to the branch, or the pull request, says the same.",
    of: ["create", "delete"],
  },
  {
    because: "A repository is heard of with its first pull request.",
    of: ["repository.created", "repository_import"],
  },
  {
    because: "How we stand with what the app is installed on is not changed by that.",
    of: ["installation", "installation_repositories", "repository", "public"],
  },
  {
    because: "The webhook was deleted: nothing more comes until the app has one again.",
    of: ["meta"],
  },
  {
    because: "Terrane acts as the app, never as a person who authorized it.",
    of: ["github_app_authorization", "personal_access_token_request"],
  },
  {
    because: "Alerts are neither planned nor applied.",
    of: [
      "code_scanning_alert",
      "dependabot_alert",
      "repository_advisory",
      "repository_vulnerability_alert",
      "secret_scanning_alert",
      "secret_scanning_alert_location",
      "secret_scanning_scan",
      "security_advisory",
      "security_and_analysis",
    ],
  },
  {
    because: "Issues, discussions, projects and wikis are neither planned nor applied.",
    of: [
      "discussion",
      "discussion_comment",
      "gollum",
      "issue_comment",
      "issue_dependencies",
      "issues",
      "label",
      "milestone",
      "project",
      "project_card",
      "project_column",
      "projects_v2",
      "projects_v2_item",
      "projects_v2_status_update",
      "sub_issues",
    ],
  },
  {
    because: "It has nothing to do with pull requests.",
    of: [
      "cache_sync",
      "content_reference",
      "custom_property",
      "custom_property_values",
      "deploy_key",
      "enterprise",
      "fork",
      "installation_target",
      "marketplace_purchase",
      "package",
      "page_build",
      "registry_package",
      "release",
      "repository_dispatch",
      "sponsorship",
      "star",
      "watch",
    ],
  },
];

const BY_NAME = new Map(REASONS.flatMap(({ because, of }) => of.map((name) => [name, because])));

/** Of the action where something is known of it, else of the event. */
export function whyUnheeded(name: string, action: string | undefined): string {
  const full = action === undefined ? name : `${name}.${action}`;
  const because = BY_NAME.get(full) ?? BY_NAME.get(name);
  const said = sayable(full);
  if (because !== undefined) return `${said}: ${because}`;
  return `Terrane does not know the event ${said}; nothing follows from it.`;
}

/** Names come from outside, and are shown and stored. */
export function sayable(name: string): string {
  return truncateEnd(name.replace(/[^\w.-]/g, "?"), NAME_CHARS_MAX);
}
