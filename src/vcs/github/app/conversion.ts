import { Octokit } from "@octokit/core";
import { z } from "zod";
import type { VcsResult } from "../../../ports/vcs.ts";
import { ok } from "../client.ts";
import { explain } from "../failure.ts";

const CALL_TIMEOUT_MS = 20_000;

const appSchema = z.object({
  id: z.union([z.number().int(), z.bigint()]).transform(String),
  slug: z.string(),
  name: z.string(),
  html_url: z.string(),
  owner: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullish(),
  pem: z.string().min(1),
  webhook_secret: z.string().nullable(),
});

export interface ConvertedApp {
  readonly appId: string;
  readonly slug: string;
  readonly name: string;
  readonly htmlUrl: string;
  readonly owner: string | undefined;
  readonly privateKey: string;
  /** None where it was made without a webhook. */
  readonly webhookSecret: string | undefined;
}

/** Exchanges the code of a manifest for the App and its secrets; it works once, and needs no credential. */
export async function convertManifest(
  options: { readonly apiUrl: string; readonly userAgent: string; readonly fetch?: typeof fetch },
  code: string,
): Promise<VcsResult<ConvertedApp>> {
  const route = "POST /app-manifests/{code}/conversions";
  const octokit = new Octokit({
    baseUrl: options.apiUrl,
    userAgent: options.userAgent,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ...(options.fetch === undefined ? {} : { request: { fetch: options.fetch } }),
  });
  let data: unknown;
  try {
    const request = { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) };
    ({ data } = await octokit.request(route, { code, request }));
  } catch (error) {
    return explain(error, route, undefined);
  }
  const parsed = appSchema.safeParse(data);
  if (!parsed.success) {
    // Nothing of the answer is repeated: it holds the key.
    const message = "GitHub's answer about the new App cannot be read.";
    return { kind: "rejected", message };
  }
  const { id, slug, name, html_url: htmlUrl, owner, pem, webhook_secret: secret } = parsed.data;
  return ok({
    appId: id,
    slug,
    name,
    htmlUrl,
    owner: owner?.login ?? owner?.slug,
    privateKey: pem,
    webhookSecret: secret === null || secret === "" ? undefined : secret,
  });
}

function silent(): void {}
