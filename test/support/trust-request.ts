import type { TrustRequest } from "../../src/cli/setup/offer.ts";

/** Whom a cloud is asked to trust: jobs that plan without an environment, and those that apply in `production`. */
export function aTrustRequest(of: Pick<TrustRequest, "forge" | "repository">): TrustRequest {
  return {
    url: undefined,
    branch: "main",
    planEnvironment: undefined,
    applyEnvironment: "production",
    plainSubject: false,
    account: "123456789012",
    project: "acme-infra",
    tenant: "7d9f1c52-0000-4000-8000-000000000000",
    format: "native",
    ...of,
  };
}
