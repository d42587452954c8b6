import type { SetupCloud, Trust, TrustRequest } from "../../cli/setup/offer.ts";
import { environmentNotes, ISSUER, type TrustedJobs, trustedJobs, workflowRef } from "./jobs.ts";

const POOL = "terrane";
const PROVIDER = "jobs";
const NO_ENVIRONMENT = "none";
const ENVIRONMENT = `has(assertion.environment) ? assertion.environment : '${NO_ENVIRONMENT}'`;
/** Short, because a subject may have 127 bytes; who it is, is asked of the other claims. */
const SUBJECT = "assertion.repository_id + ':' + assertion.run_id";

export const gcp: SetupCloud = { name: "gcp", trust };

function trust(request: TrustRequest): Trust {
  const { project, format } = request;
  if (project === undefined) return { kind: "missing", option: "--project" };
  const jobs = trustedJobs(request);
  const condition = conditionOf(request);
  const text =
    format === "hcl" ? hcl(project, condition, jobs) : commands(project, condition, jobs);
  const notes = [
    ...environmentNotes(request),
    "Give the account that plans read access to what the code manages, and both access to the state.",
  ];
  return { kind: "ok", text, notes };
}

function conditionOf(request: TrustRequest): string {
  return [
    `assertion.repository == '${request.repository}'`,
    `assertion.ref == 'refs/heads/${request.branch}'`,
    `assertion.job_workflow_ref == '${workflowRef(request)}'`,
  ].join(" && ");
}

function commands(project: string, condition: string, jobs: readonly TrustedJobs[]): string {
  const lines = [
    "set -eu",
    `number=$(gcloud projects describe ${project} --format='value(projectNumber)')`,
    `gcloud iam workload-identity-pools create ${POOL} --project=${project} --location=global`,
    `gcloud iam workload-identity-pools providers create-oidc ${PROVIDER} --project=${project} --location=global --workload-identity-pool=${POOL} --issuer-uri=${ISSUER} --attribute-mapping="google.subject=${SUBJECT},attribute.environment=${ENVIRONMENT}" --attribute-condition="${condition}"`,
  ];
  for (const { role, environment = NO_ENVIRONMENT } of jobs) {
    const member = `principalSet://iam.googleapis.com/projects/$number/locations/global/workloadIdentityPools/${POOL}/attribute.environment/${environment}`;
    lines.push(
      `gcloud iam service-accounts create terrane-${role} --project=${project}`,
      `gcloud iam service-accounts add-iam-policy-binding terrane-${role}@${project}.iam.gserviceaccount.com --project=${project} --role=roles/iam.workloadIdentityUser --member="${member}"`,
    );
  }
  return lines.join("\n");
}

function hcl(project: string, condition: string, jobs: readonly TrustedJobs[]): string {
  const pool = `resource "google_iam_workload_identity_pool" "terrane" {
  project                   = "${project}"
  workload_identity_pool_id = "${POOL}"
}

resource "google_iam_workload_identity_pool_provider" "terrane" {
  project                            = "${project}"
  workload_identity_pool_id          = google_iam_workload_identity_pool.terrane.workload_identity_pool_id
  workload_identity_pool_provider_id = "${PROVIDER}"
  attribute_condition                = "${condition}"
  attribute_mapping = {
    "google.subject"        = "${SUBJECT}"
    "attribute.environment" = "${ENVIRONMENT}"
  }
  oidc {
    issuer_uri = "${ISSUER}"
  }
}
`;
  const accounts = jobs.map(
    ({
      role,
      environment = NO_ENVIRONMENT,
    }) => `resource "google_service_account" "terrane_${role}" {
  project    = "${project}"
  account_id = "terrane-${role}"
}

resource "google_service_account_iam_member" "terrane_${role}" {
  service_account_id = google_service_account.terrane_${role}.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/\${google_iam_workload_identity_pool.terrane.name}/attribute.environment/${environment}"
}
`,
  );
  return [pool, ...accounts].join("\n");
}
