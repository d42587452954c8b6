import type { WorkStep } from "../../contract/step.ts";
import type { Credentials, Exchange } from "./exchange.ts";

type AzureStep = Extract<WorkStep, { type: "oidc"; provider: "azure" }>;

/** Azure's tools exchange the job's identity by themselves; they are handed a fresh one. */
export async function azureCredentials(exchange: Exchange, step: AzureStep): Promise<Credentials> {
  const token = await exchange.identityToken(step.audience);
  const { subscriptionId } = step;
  return {
    env: {
      ARM_USE_OIDC: "true",
      ARM_CLIENT_ID: step.clientId,
      ARM_TENANT_ID: step.tenantId,
      ARM_OIDC_TOKEN: token,
      ...(subscriptionId === null ? {} : { ARM_SUBSCRIPTION_ID: subscriptionId }),
    },
    secrets: [token],
    expiresAt: expiryOf(token),
  };
}

/** Not verified: only to know when to ask for another one. */
function expiryOf(token: string): Date | undefined {
  try {
    const [, payload = ""] = token.split(".");
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const { exp } = claims as { readonly exp?: unknown };
    return typeof exp === "number" ? new Date(exp * 1_000) : undefined;
  } catch {
    return undefined;
  }
}
