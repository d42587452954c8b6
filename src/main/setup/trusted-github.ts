import type { TrustRequest } from "../../cli/setup/offer.ts";
import { SAME_JOBS, WORKFLOW_FILE } from "./jobs.ts";
import type { TrustedForge, TrustedJobs } from "./trusted.ts";

/** GitHub's own issuer; an Enterprise Server's stands in the settings of the server. */
const ISSUER = "https://token.actions.githubusercontent.com";

export function trustedGithub(request: TrustRequest): TrustedForge {
  const { repository, branch } = request;
  return {
    issuer: ISSUER,
    jobs: trustedJobs(request),
    audience: (own) => own,
    // Short, because a subject may have 127 bytes; who it is, is asked of the other claims.
    shortSubject: "assertion.repository_id + ':' + assertion.run_id",
    condition: [
      `assertion.repository == '${repository}'`,
      `assertion.ref == 'refs/heads/${branch}'`,
      `assertion.job_workflow_ref == '${workflowRef(request)}'`,
    ].join(" && "),
    subjectNotes: () => [...subjectNotes(request), ...environmentNotes(request)],
    environmentNotes: environmentNotes(request),
    tokenNotes: () => [],
  };
}

/** The claim that names the workflow file, and the branch that it was taken from. */
function workflowRef({ repository, branch }: TrustRequest): string {
  return `${repository}/${WORKFLOW_FILE}@refs/heads/${branch}`;
}

/** The jobs of both roles, as their tokens describe them. */
function trustedJobs(request: TrustRequest): readonly [TrustedJobs, TrustedJobs] {
  const { planEnvironment, applyEnvironment } = request;
  const of = (role: TrustedJobs["role"], environment: string | undefined): TrustedJobs => {
    const context =
      environment === undefined ? `ref:refs/heads/${request.branch}` : `environment:${environment}`;
    const plain = `repo:${request.repository}:${context}`;
    const subject = request.plainSubject
      ? plain
      : `${plain}:job_workflow_ref:${workflowRef(request)}`;
    return { role, environment, subject };
  };
  return [of("plan", planEnvironment), of("apply", applyEnvironment)];
}

/** Where a cloud compares nothing but the subject, the workflow has to be in it. */
function subjectNotes(request: TrustRequest): readonly string[] {
  if (request.plainSubject) {
    return [
      "Every workflow of this branch or environment is trusted, not only Terrane's: leave --plain-subject out to bind the workflow file too.",
    ];
  }
  return [
    "First put the workflow file into the subject of this repository's tokens:",
    `  gh api --method PUT repos/${request.repository}/actions/oidc/customization/sub -F use_default=false -f 'include_claim_keys[]=repo' -f 'include_claim_keys[]=context' -f 'include_claim_keys[]=job_workflow_ref'`,
  ];
}

function environmentNotes(request: TrustRequest): readonly string[] {
  const { planEnvironment, applyEnvironment, branch } = request;
  if (planEnvironment === applyEnvironment) {
    return [SAME_JOBS];
  }
  return [
    `Limit the deployment branches of the environments to ${branch}, or a workflow on any branch can use them.`,
  ];
}
