import type { TrustRequest } from "../../cli/setup/offer.ts";

/** GitHub's own issuer; an Enterprise Server's stands in the settings of the server. */
export const ISSUER = "https://token.actions.githubusercontent.com";
export const WORKFLOW_FILE = ".github/workflows/terrane.yml";
export const GITLAB_JOB_FILE = ".gitlab/terrane.yml";

export interface TrustedJobs {
  readonly role: "plan" | "apply";
  readonly environment: string | undefined;
  /** The claim `sub` of their tokens. */
  readonly subject: string;
}

/** The claim that names the workflow file, and the branch that it was taken from. */
export function workflowRef({ repository, branch }: TrustRequest): string {
  return `${repository}/${WORKFLOW_FILE}@refs/heads/${branch}`;
}

/** The jobs of both roles, as their tokens describe them. */
export function trustedJobs(request: TrustRequest): readonly [TrustedJobs, TrustedJobs] {
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
export function subjectNotes(request: TrustRequest): readonly string[] {
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

export function environmentNotes(request: TrustRequest): readonly string[] {
  const { planEnvironment, applyEnvironment, branch } = request;
  if (planEnvironment === applyEnvironment) {
    return [
      "Both roles trust the same jobs: a job that plans can take the role that applies. Give --apply-environment an environment of its own to keep them apart.",
    ];
  }
  return [
    `Limit the deployment branches of the environments to ${branch}, or a workflow on any branch can use them.`,
  ];
}
