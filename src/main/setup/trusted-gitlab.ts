import type { TrustRequest } from "../../cli/setup/offer.ts";
import { SAME_JOBS } from "./jobs.ts";
import type { TrustedForge, TrustedJobs } from "./trusted.ts";

const GITLAB_COM = "https://gitlab.com";
const CI_FILE = ".gitlab-ci.yml";
/** How the CI file is told that there is none. */
const NO_ENVIRONMENT = "none";
const INPUT = "$[[ inputs.environment ]]";

/**
 * A subject of GitLab has no environment in it, but whom a token is made out to is written in the CI file. So the audience
 * carries the environment: only the job that runs inside of it has such a token, and GitLab says who may.
 */
export function trustedGitlab(request: TrustRequest): TrustedForge {
  const { repository, branch, url = GITLAB_COM, planEnvironment, applyEnvironment } = request;
  const subject = `project_path:${repository}:ref_type:branch:ref:${branch}`;
  const apart = planEnvironment !== applyEnvironment;
  const host = url.replace("https://", "");
  const audience = (own: string, { environment = NO_ENVIRONMENT }: TrustedJobs) =>
    apart ? `${own}/${environment}` : own;
  return {
    issuer: url,
    jobs: [
      { role: "plan", environment: planEnvironment, subject },
      { role: "apply", environment: applyEnvironment, subject },
    ],
    audience,
    shortSubject: "assertion.project_id + ':' + assertion.job_id",
    condition: [
      `assertion.project_path == '${repository}'`,
      "assertion.ref_type == 'branch'",
      `assertion.ref == '${branch}'`,
      "assertion.ref_protected == 'true'",
      "assertion.pipeline_source == 'api'",
      `assertion.ci_config_ref_uri == '${host}/${repository}//${CI_FILE}@refs/heads/${branch}'`,
    ].join(" && "),
    subjectNotes: (own) => [
      `Every job of ${branch} with a token for this audience is trusted, not only Terrane's: protect the branch, and let no other job of its CI file ask for one.`,
      ...tokenLines(apart ? `${own}/${INPUT}` : own),
      ...(apart ? [stepsLine(own, request)] : []),
      ...environmentNotes(request),
    ],
    environmentNotes: environmentNotes(request),
    tokenNotes: tokenLines,
  };
}

function environmentNotes({ planEnvironment, applyEnvironment }: TrustRequest): readonly string[] {
  if (planEnvironment === applyEnvironment) return [SAME_JOBS];
  const named = [planEnvironment, applyEnvironment].filter((name) => name !== undefined);
  return [
    `Protect ${named.join(" and ")} (Settings, CI/CD, Protected environments), or whoever may start pipelines can use it.`,
  ];
}

function stepsLine(own: string, { planEnvironment, applyEnvironment }: TrustRequest): string {
  const [plan, apply] = [planEnvironment, applyEnvironment].map(
    (environment = NO_ENVIRONMENT) => `${own}/${environment}`,
  );
  return `Give the \`oidc\` steps the audience of their role: ${plan} where they plan, ${apply} where they apply.`;
}

/** For the project's own CI file; the one that is shipped stays as it is. */
function tokenLines(audience: string): readonly string[] {
  return [
    `Give the job a token that is made out to the cloud, in ${CI_FILE}:`,
    "  .terrane:",
    "    id_tokens:",
    "      TERRANE_ID_TOKEN_CLOUD:",
    `        aud: ${audience}`,
  ];
}
