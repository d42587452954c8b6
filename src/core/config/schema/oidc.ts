import { z } from "zod";
import { optional, strict } from "./helpers.ts";

const type = z.literal("oidc");
const text = z.string().min(1);

/** What the security token service of the cloud grants. */
const awsSeconds = z.int().min(900).max(43_200);
const gcpSeconds = z.int().min(1).max(43_200);

const AWS_KEYS = goWith("aws", [
  "role_arn",
  "assume_role_arn",
  "assume_role_enabled",
  "session_name",
]);
const GCP_KEYS = goWith("gcp", [
  "service_account",
  "workload_identity_provider",
  "access_token_lifetime",
  "access_token_subject",
  "project_id",
]);
const AZURE_KEYS = goWith("azure", ["client_id", "tenant_id", "subscription_id"]);

function goWith(provider: string, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [key, `it goes with \`provider: ${provider}\``]));
}

/** `aws` is meant where no provider is named. */
const aws = strict(
  {
    type,
    provider: optional(z.literal("aws")),
    role_arn: text,
    assume_role_arn: optional(text),
    assume_role_enabled: optional(z.boolean()),
    audience: optional(text),
    duration: optional(awsSeconds),
    region: optional(text),
    session_name: optional(text),
  },
  { elsewhere: { ...GCP_KEYS, ...AZURE_KEYS } },
);

const gcp = strict(
  {
    type,
    provider: z.literal("gcp"),
    service_account: text,
    workload_identity_provider: text,
    access_token_lifetime: optional(gcpSeconds),
    access_token_subject: optional(text),
    audience: optional(text),
    project_id: optional(text),
  },
  { elsewhere: { ...AWS_KEYS, ...AZURE_KEYS } },
);

const azure = strict(
  {
    type,
    provider: z.literal("azure"),
    client_id: text,
    tenant_id: text,
    subscription_id: optional(text),
    audience: optional(text),
  },
  { elsewhere: { ...AWS_KEYS, ...GCP_KEYS } },
);

export const oidc = z.discriminatedUnion("provider", [aws, gcp, azure]);

export type RawOidc = z.infer<typeof oidc>;
