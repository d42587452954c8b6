import type { SetupCloud, Trust, TrustRequest } from "../../cli/setup/offer.ts";
import { type TrustedForge, type TrustedJobs, trustedForge } from "./trusted.ts";

const AUDIENCE = "api://AzureADTokenExchange";

export const azure: SetupCloud = { name: "azure", trust };

function trust(request: TrustRequest): Trust {
  const { tenant, format } = request;
  if (tenant === undefined) return { kind: "missing", option: "--tenant" };
  const forge = trustedForge(request);
  const notes = [
    ...forge.subjectNotes(AUDIENCE),
    "Assign the application that plans a role that reads what the code manages, and both one for the state.",
  ];
  const text =
    format === "hcl"
      ? forge.jobs.map((one) => hcl(forge, one)).join("\n")
      : commands(tenant, forge);
  return { kind: "ok", text, notes };
}

function commands(tenant: string, forge: TrustedForge): string {
  const lines = ["set -eu", `az login --tenant ${tenant}`];
  for (const job of forge.jobs) {
    const { role, subject } = job;
    const audiences = [forge.audience(AUDIENCE, job)];
    const credential = { name: "terrane", issuer: forge.issuer, subject, audiences };
    lines.push(
      `${role}=$(az ad app create --display-name terrane-${role} --query appId --output tsv)`,
      `az ad sp create --id "$${role}"`,
      `az ad app federated-credential create --id "$${role}" --parameters '${JSON.stringify(credential)}'`,
    );
  }
  return lines.join("\n");
}

function hcl(forge: TrustedForge, job: TrustedJobs): string {
  const { role, subject } = job;
  return `resource "azuread_application" "terrane_${role}" {
  display_name = "terrane-${role}"
}

resource "azuread_service_principal" "terrane_${role}" {
  client_id = azuread_application.terrane_${role}.client_id
}

resource "azuread_application_federated_identity_credential" "terrane_${role}" {
  application_id = azuread_application.terrane_${role}.id
  display_name   = "terrane"
  issuer         = "${forge.issuer}"
  subject        = "${subject}"
  audiences      = ["${forge.audience(AUDIENCE, job)}"]
}
`;
}
