import type { SetupCloud, Trust, TrustRequest } from "../../cli/setup/offer.ts";
import { environmentNotes, ISSUER, subjectNotes, type TrustedJobs, trustedJobs } from "./jobs.ts";

const AUDIENCE = "api://AzureADTokenExchange";

export const azure: SetupCloud = { name: "azure", trust };

function trust(request: TrustRequest): Trust {
  const { tenant, format } = request;
  if (tenant === undefined) return { kind: "missing", option: "--tenant" };
  const jobs = trustedJobs(request);
  const notes = [
    ...subjectNotes(request),
    ...environmentNotes(request),
    "Assign the application that plans a role that reads what the code manages, and both one for the state.",
  ];
  const text = format === "hcl" ? jobs.map(hcl).join("\n") : commands(tenant, jobs);
  return { kind: "ok", text, notes };
}

function commands(tenant: string, jobs: readonly TrustedJobs[]): string {
  const lines = ["set -eu", `az login --tenant ${tenant}`];
  for (const { role, subject } of jobs) {
    const credential = { name: "terrane", issuer: ISSUER, subject, audiences: [AUDIENCE] };
    lines.push(
      `${role}=$(az ad app create --display-name terrane-${role} --query appId --output tsv)`,
      `az ad sp create --id "$${role}"`,
      `az ad app federated-credential create --id "$${role}" --parameters '${JSON.stringify(credential)}'`,
    );
  }
  return lines.join("\n");
}

function hcl({ role, subject }: TrustedJobs): string {
  return `resource "azuread_application" "terrane_${role}" {
  display_name = "terrane-${role}"
}

resource "azuread_service_principal" "terrane_${role}" {
  client_id = azuread_application.terrane_${role}.client_id
}

resource "azuread_application_federated_identity_credential" "terrane_${role}" {
  application_id = azuread_application.terrane_${role}.id
  display_name   = "terrane"
  issuer         = "${ISSUER}"
  subject        = "${subject}"
  audiences      = ["${AUDIENCE}"]
}
`;
}
