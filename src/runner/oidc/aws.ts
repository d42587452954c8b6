import type { WorkStep } from "../../contract/step.ts";
import { type AwsKeys, signature } from "./aws-signature.ts";
import {
  type Answer,
  type Credentials,
  type Exchange,
  endpoint,
  instantOf,
  OidcRefused,
  post,
} from "./exchange.ts";

type AwsStep = Extract<WorkStep, { type: "oidc"; provider: "aws" }>;

interface Session extends AwsKeys {
  readonly expiresAt: Date | undefined;
}

const VERSION = "2011-06-15";
/** AWS takes these and no others in the name of a session. */
const NOT_IN_SESSION_NAME = /[^\w+=,.@-]/g;
const SESSION_NAME_CHARS_MAX = 64;
/** One hour is the longest that AWS gives a role which was assumed with a role. */
const CHAINED_SECONDS_MAX = 3_600;

/** Exchanges the job's identity for a role of AWS, and that for a second one where it is asked for. */
export async function awsCredentials(exchange: Exchange, step: AwsStep): Promise<Credentials> {
  const region = step.region === "" ? "us-east-1" : step.region;
  const token = await exchange.identityToken(step.audience);
  const name = step.sessionName.replaceAll(NOT_IN_SESSION_NAME, "-").padEnd(2, "-");
  const sessionName = name.slice(0, SESSION_NAME_CHARS_MAX);
  const first = await assume(exchange, region, undefined, {
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: step.roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: token,
    DurationSeconds: String(step.durationSeconds),
  });
  const last =
    step.assumeRoleArn === null
      ? first
      : await assume(exchange, region, first, {
          Action: "AssumeRole",
          RoleArn: step.assumeRoleArn,
          RoleSessionName: sessionName,
          DurationSeconds: String(Math.min(step.durationSeconds, CHAINED_SECONDS_MAX)),
        });
  return {
    env: {
      AWS_ACCESS_KEY_ID: last.accessKeyId,
      AWS_SECRET_ACCESS_KEY: last.secretAccessKey,
      AWS_SESSION_TOKEN: last.sessionToken,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    },
    secrets: [token, first, last].flatMap((one) =>
      typeof one === "string" ? one : [one.secretAccessKey, one.sessionToken],
    ),
    expiresAt: last.expiresAt,
  };
}

async function assume(
  exchange: Exchange,
  region: string,
  signer: AwsKeys | undefined,
  call: Readonly<Record<string, string>>,
): Promise<Session> {
  // The regional endpoint: the global one is one region that others depend on.
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const base = endpoint(exchange.env, "AWS_ENDPOINT_URL_STS", `https://sts.${region}.${suffix}`);
  const body = new URLSearchParams({ ...call, Version: VERSION }).toString();
  const type = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const headers =
    signer === undefined ? type : signed(exchange, signer, { base, region, body, type });
  const answer = await post(exchange, { url: `${base}/`, headers, body });
  return session(answer, call["RoleArn"] ?? "");
}

function signed(
  exchange: Exchange,
  signer: AwsKeys,
  call: {
    readonly base: string;
    readonly region: string;
    readonly body: string;
    readonly type: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const own = { ...call.type, "x-amz-security-token": signer.sessionToken };
  const { host } = new URL(call.base);
  const { region, body } = call;
  const request = { region, body, service: "sts", headers: { ...own, host }, at: exchange.now() };
  return { ...own, ...signature(signer, request) };
}

function session(answer: Answer, role: string): Session {
  const accessKeyId = element(answer.text, "AccessKeyId");
  const secretAccessKey = element(answer.text, "SecretAccessKey");
  const sessionToken = element(answer.text, "SessionToken");
  if (
    answer.status === 200 &&
    accessKeyId !== undefined &&
    secretAccessKey !== undefined &&
    sessionToken !== undefined
  ) {
    const expiresAt = instantOf(element(answer.text, "Expiration"));
    return { accessKeyId, secretAccessKey, sessionToken, expiresAt };
  }
  const code = element(answer.text, "Code") ?? `HTTP ${answer.status}`;
  const message = element(answer.text, "Message") ?? "";
  throw new OidcRefused(
    `AWS did not let this job assume ${role}: ${code}. ${message}${hint(code)}`,
  );
}

function hint(code: string): string {
  switch (code) {
    case "AccessDenied":
      return " The role's trust policy has to name this repository's jobs as subject; `terrane setup aws --print-trust` prints one.";
    case "InvalidIdentityToken":
      return " The account needs an identity provider for the issuer of the job's token, with this audience.";
    case "ExpiredTokenException":
      return " The clock of the machine that runs the job may be wrong.";
    default:
      return "";
  }
}

/** AWS answers in XML without attributes in these elements; the first of a name is the one. */
function element(xml: string, name: string): string | undefined {
  const from = xml.indexOf(`<${name}>`);
  if (from < 0) return undefined;
  const to = xml.indexOf(`</${name}>`, from);
  if (to < 0) return undefined;
  const text = xml.slice(from + name.length + 2, to).trim();
  return text === "" ? undefined : unescape(text);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

function unescape(text: string): string {
  return text.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
