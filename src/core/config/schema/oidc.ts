import { z } from "zod";
import { optional, strict } from "./helpers.ts";

const type = z.literal("oidc");
const text = z.string().min(1);

/** What the security token service of the cloud grants. */
const awsSeconds = z.int().min(900).max(43_200);
const gcpSeconds = z.int().min(1).max(43_200);

const GCP = "it goes with `provider: gcp`";
const AZURE = "it goes with `provider: azure`";
const AWS = "it goes with `provider: aws`";

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
  {
    service_account: GCP,
    workload_identity_provider: GCP,
    access_token_lifetime: GCP,
    access_token_subject: GCP,
    project_id: GCP,
    client_id: AZURE,
    tenant_id: AZURE,
    subscription_id: AZURE,
  },
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
  { role_arn: AWS, session_name: AWS, client_id: AZURE, tenant_id: AZURE },
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
  { role_arn: AWS, session_name: AWS, service_account: GCP, workload_identity_provider: GCP },
);

export const oidc = z.discriminatedUnion("provider", [aws, gcp, azure]);

export type RawOidc = z.infer<typeof oidc>;
