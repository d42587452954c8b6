import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WorkStep } from "../../contract/step.ts";
import {
  type Answer,
  type Credentials,
  type Exchange,
  endpoint,
  instantOf,
  OidcRefused,
  post,
  textIn,
} from "./exchange.ts";

type GcpStep = Extract<WorkStep, { type: "oidc"; provider: "gcp" }>;

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const TOKEN_URL = "https://oauth2.googleapis.com/token";

/**
 * Exchanges the job's identity for one of the workload identity pool, and that for a token of the service account
 * ("Configure workload identity federation with deployment pipelines", steps of the REST interface).
 */
export async function gcpCredentials(exchange: Exchange, step: GcpStep): Promise<Credentials> {
  const provider = step.workloadIdentityProvider.replace(/^\/+/, "");
  const audience = step.audience ?? `https://iam.googleapis.com/${provider}`;
  const identity = await exchange.identityToken(audience);
  const federated = await federate(exchange, provider, identity);
  const account = step.accessTokenSubject === null ? ofAccount : ofSubject;
  const { token, expiresAt } = await account(exchange, step, federated);
  // Another account of the same job has another file; a renewed token takes the place of the one before.
  const of = [step.serviceAccount, step.accessTokenSubject, provider];
  const name = createHash("sha256").update(JSON.stringify(of)).digest("hex").slice(0, 16);
  const file = join(exchange.folder, `gcp-access-token-${name}`);
  await writeFile(file, token, { mode: 0o600 });
  return {
    env: { GOOGLE_OAUTH_ACCESS_TOKEN: token, GOOGLE_OAUTH_ACCESS_TOKEN_FILE: file },
    secrets: [identity, federated, token],
    expiresAt,
  };
}

async function federate(exchange: Exchange, provider: string, identity: string): Promise<string> {
  const base = endpoint(
    exchange.env,
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_STS",
    "https://sts.googleapis.com",
  );
  const answer = await json(exchange, `${base}/v1/token`, undefined, {
    audience: `//iam.googleapis.com/${provider}`,
    grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
    requestedTokenType: "urn:ietf:params:oauth:token-type:access_token",
    scope: SCOPE,
    subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
    subjectToken: identity,
  });
  const token = answer.status === 200 ? textIn(answer.text, "access_token") : undefined;
  if (token !== undefined) return token;
  throw new OidcRefused(
    `Google did not accept this job for ${provider}: ${problem(answer)} The provider's attribute condition has to let this repository in.`,
  );
}

interface Token {
  readonly token: string;
  readonly expiresAt: Date | undefined;
}

async function ofAccount(exchange: Exchange, step: GcpStep, bearer: string): Promise<Token> {
  const answer = await json(exchange, accountUrl(exchange, step, "generateAccessToken"), bearer, {
    scope: [SCOPE],
    lifetime: `${step.accessTokenLifetimeSeconds}s`,
  });
  const token = answer.status === 200 ? textIn(answer.text, "accessToken") : undefined;
  if (token === undefined) throw refusedFor(step, answer);
  return { token, expiresAt: instantOf(textIn(answer.text, "expireTime")) };
}

/** In the name of a person of the domain: the service account signs for them, and that is exchanged once more. */
async function ofSubject(exchange: Exchange, step: GcpStep, bearer: string): Promise<Token> {
  const seconds = Math.floor(exchange.now().getTime() / 1_000);
  const payload = JSON.stringify({
    iss: step.serviceAccount,
    sub: step.accessTokenSubject,
    aud: TOKEN_URL,
    scope: SCOPE,
    iat: seconds,
    exp: seconds + step.accessTokenLifetimeSeconds,
  });
  const signed = await json(exchange, accountUrl(exchange, step, "signJwt"), bearer, { payload });
  const assertion = signed.status === 200 ? textIn(signed.text, "signedJwt") : undefined;
  if (assertion === undefined) throw refusedFor(step, signed);
  const answer = await post(exchange, {
    url: endpoint(exchange.env, "TERRANE_GOOGLE_TOKEN_URL", TOKEN_URL),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    }).toString(),
  });
  const token = answer.status === 200 ? textIn(answer.text, "access_token") : undefined;
  if (token === undefined) throw refusedFor(step, answer);
  const expiresAt = new Date((seconds + step.accessTokenLifetimeSeconds) * 1_000);
  return { token, expiresAt };
}

function accountUrl(exchange: Exchange, step: GcpStep, method: string): string {
  const base = endpoint(
    exchange.env,
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS",
    "https://iamcredentials.googleapis.com",
  );
  const account = encodeURIComponent(step.serviceAccount);
  return `${base}/v1/projects/-/serviceAccounts/${account}:${method}`;
}

async function json(
  exchange: Exchange,
  url: string,
  bearer: string | undefined,
  body: object,
): Promise<Answer> {
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const headers = { "content-type": "application/json", ...authorization };
  return await post(exchange, { url, headers, body: JSON.stringify(body) });
}

function refusedFor(step: GcpStep, answer: Answer): OidcRefused {
  return new OidcRefused(
    `Google gave no token for ${step.serviceAccount}: ${problem(answer)} The pool's principal needs the role "Workload Identity User" on that account.`,
  );
}

/** Google says it as `error_description`, or as `error` with a `message`. */
function problem({ status, text }: Answer): string {
  const said = textIn(text, "error_description") ?? /"message":\s*"([^"]{1,500})"/.exec(text)?.[1];
  return said === undefined ? `HTTP ${status}.` : `${said.replace(/\.?$/, "")} (HTTP ${status}).`;
}
