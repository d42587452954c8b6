import { createHash, createHmac } from "node:crypto";

/** Who signs a request to AWS. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface AwsRequest {
  readonly region: string;
  readonly service: string;
  /** Lower-case names; all of them are signed. */
  readonly headers: Readonly<Record<string, string>> & { readonly host: string };
  readonly body: string;
  readonly at: Date;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** What a signed `POST /` needs besides its own headers (AWS Signature Version 4, "Create a signed AWS API request"). */
export function signature(
  keys: Pick<AwsKeys, "accessKeyId" | "secretAccessKey">,
  request: AwsRequest,
): { readonly "x-amz-date": string; readonly authorization: string } {
  const stamp = request.at.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const date = stamp.slice(0, 8);
  const parts = [date, request.region, request.service, "aws4_request"];
  const scope = parts.join("/");
  const headers: Record<string, string> = { ...request.headers, "x-amz-date": stamp };
  const names = Object.keys(headers).sort();
  const canonical = [
    "POST",
    "/",
    "",
    ...names.map((name) => `${name}:${headers[name] ?? ""}`),
    "",
    names.join(";"),
    sha256(request.body),
  ].join("\n");
  const toSign = [ALGORITHM, stamp, scope, sha256(canonical)].join("\n");
  let key: Buffer = Buffer.from(`AWS4${keys.secretAccessKey}`, "utf8");
  for (const part of parts) key = hmac(key, part);
  const signed = hmac(key, toSign).toString("hex");
  const credential = `${keys.accessKeyId}/${scope}`;
  return {
    "x-amz-date": stamp,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signed}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}
