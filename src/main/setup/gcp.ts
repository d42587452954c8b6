import type { SetupCloud, Trust, TrustRequest } from "../../cli/setup/offer.ts";
import { type TrustedForge, trustedForge } from "./trusted.ts";

const POOL = "terrane";
const PROVIDER = "jobs";
const NO_ENVIRONMENT = "none";
const ENVIRONMENT = `has(assertion.environment) ? assertion.environment : '${NO_ENVIRONMENT}'`;
export const gcp: SetupCloud = { name: "gcp", trust };

function trust(request: TrustRequest): Trust {
  const { project, format } = request;
  if (project === undefined) return { kind: "missing", option: "--project" };
  const forge = trustedForge(request);
  const tokenNotes = forge.tokenNotes(
    `https://iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/${POOL}/providers/${PROVIDER}`,
  );
  const text = format === "hcl" ? hcl(project, forge) : commands(project, forge);
  const notes = [
    ...forge.environmentNotes,
    ...(tokenNotes.length === 0
      ? []
      : [...tokenNotes, `NUMBER is that of the project ${project}.`]),
    "Give the account that plans read access to what the code manages, and both access to the state.",
  ];
  return { kind: "ok", text, notes };
}

function commands(
  project: string,
  { issuer, condition, jobs, shortSubject }: TrustedForge,
): string {
  const lines = [
    "set -eu",
    `number=$(gcloud projects describe ${project} --format='value(projectNumber)')`,
    `gcloud iam workload-identity-pools create ${POOL} --project=${project} --location=global`,
    `gcloud iam workload-identity-pools providers create-oidc ${PROVIDER} --project=${project} --location=global --workload-identity-pool=${POOL} --issuer-uri=${issuer} --attribute-mapping="google.subject=${shortSubject},attribute.environment=${ENVIRONMENT}" --attribute-condition="${condition}"`,
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

function hcl(project: string, { issuer, condition, jobs, shortSubject }: TrustedForge): string {
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
    "google.subject"        = "${shortSubject}"
    "attribute.environment" = "${ENVIRONMENT}"
  }
  oidc {
    issuer_uri = "${issuer}"
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
