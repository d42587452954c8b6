import { createHash } from "node:crypto";
import { truncateEnd } from "../../base/text.ts";
import type { WorkHook } from "../../contract/step.ts";
import {
  ISSUE_BODY_CHARS_MAX,
  ISSUE_SUBJECTS_MAX,
  ISSUES_MAX,
  type Issue,
  type UnitResult,
} from "../../contract/work.ts";
import type { Reported } from "../hooks.ts";
import { OK, type Scope, type StepEnd } from "../scope.ts";
import { elide } from "../text.ts";

type DriftStep = Extract<WorkHook, { type: "drift_create_issue" }>;
type Planned = Extract<UnitResult, { outcome: "planned" }>;

interface Drifted {
  readonly dir: string;
  readonly workspace: string;
  readonly plan: Planned;
}

const TITLE_CHARS_MAX = 255;
const SECTIONS_MAX = 100;
const ROOM_FOR_WORDS = 2_000;
/** What only says that something is looked at. */
const NOISE = /^.*: (?:Refreshing state|Reading|Read complete|Still reading)\b.*\n?/gm;

/** Leaves issues about what has drifted for the server to open; this job has no right to. */
export async function driftIssues(
  scope: Scope & { readonly results: readonly Reported[]; readonly issues: Issue[] },
  step: DriftStep,
): Promise<StepEnd> {
  if (scope.job.work.trigger !== "drift") {
    await scope.output.say("This run does not look for drift: there is no issue to open.");
    return OK;
  }
  const issues = issuesOf(scope.results, step.groupBy, scope.job.work.dashboardUrl);
  const { masker } = scope.job;
  for (const issue of issues) {
    scope.issues.push({
      ...issue,
      title: truncateEnd(masker.mask(issue.title), TITLE_CHARS_MAX),
      body: elide(masker.mask(issue.body), ISSUE_BODY_CHARS_MAX),
    });
  }
  const what = issues.length === 0 ? "Nothing has drifted." : `Issues to open: ${issues.length}.`;
  await scope.output.say(what);
  return OK;
}

export function issuesOf(
  results: readonly Reported[],
  groupBy: DriftStep["groupBy"],
  dashboardUrl: string | null,
): Issue[] {
  const drifted = results
    .flatMap(({ unit, result }): Drifted[] =>
      result.outcome === "planned" && result.changed ? [{ ...unit, plan: result }] : [],
    )
    .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  if (drifted.length === 0) return [];
  const groups = groupBy === "all" ? [drifted] : drifted.map((each) => [each]);
  return groups.slice(0, ISSUES_MAX).map((group) => issueOf(group, groupBy, dashboardUrl));
}

function issueOf(
  group: readonly Drifted[],
  groupBy: DriftStep["groupBy"],
  dashboardUrl: string | null,
): Issue {
  const [first] = group;
  const title =
    groupBy === "dirspace" && first !== undefined
      ? `Drift detected: ${nameOf(first)}`
      : "Drift detected";
  const room = Math.floor(
    (ISSUE_BODY_CHARS_MAX - ROOM_FOR_WORDS) / Math.min(group.length, SECTIONS_MAX),
  );
  const sections = group.slice(0, SECTIONS_MAX).map((each) => section(each, room));
  const more = group.length - sections.length;
  const body = [
    "What the code describes and what exists differ:",
    ...sections,
    ...(more > 0 ? [`… and ${more} more dirspaces.`] : []),
    ...(dashboardUrl === null ? [] : [`Details: ${dashboardUrl}`]),
  ].join("\n\n");
  const about = group.slice(0, ISSUE_SUBJECTS_MAX).map(subjectOf);
  return { title, body, dedupe: digestOf(group), about };
}

/** Of one length whatever its name is. */
function subjectOf(drifted: Drifted): string {
  return createHash("sha256").update(keyOf(drifted)).digest("hex").slice(0, 12);
}

function section(drifted: Drifted, room: number): string {
  const { create, update, replace, delete: destroy } = drifted.plan.counts;
  const counts = `+${create} ~${update} ±${replace} −${destroy}`;
  const heading = `### ${code(nameOf(drifted))} ${counts}`;
  const text = elide(
    drifted.plan.text.replace(NOISE, ""),
    Math.max(room - heading.length - 200, 500),
  );
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${heading}\n\n${fence}\n${text}\n${fence}`;
}

/**
 * Two runs that find the same resources changed in the same way tell the same: values that differ from
 * one run to the next must not open an issue each time.
 */
function digestOf(group: readonly Drifted[]): string {
  const facts = group.map(({ dir, workspace, plan }) => [
    dir,
    workspace,
    plan.counts.outputs,
    plan.changes.map(({ address, action }) => `${action} ${address}`).sort(),
  ]);
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

function nameOf({ dir, workspace }: Drifted): string {
  return workspace === "default" ? dir : `${dir} (${workspace})`;
}

function keyOf({ dir, workspace }: Drifted): string {
  return JSON.stringify([dir, workspace]);
}

function code(name: string): string {
  return `\`${name.replaceAll("`", "'").replaceAll("\n", " ")}\``;
}
