import * as z from "zod/mini";
import { Problem } from "./errors.ts";

/** Reads the whole body, and stops reading where it grows beyond the limit, whatever its header said. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) throw tooLarge(bytesMax);
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += part.byteLength;
    if (length > bytesMax) throw tooLarge(bytesMax);
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}

/** A JSON body of the wanted shape; what is wrong with another one is said by its first fault. */
export async function readJson<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
  bytesMax: number,
): Promise<z.infer<S>> {
  const bytes = await readBytes(request, bytesMax);
  const parsed = z.safeParse(schema, parseJson(bytes));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new Problem(
    400,
    "BAD_BODY",
    `The body has an unexpected shape${place}: ${issue?.message ?? "unknown"}.`,
  );
}

function parseJson(bytes: Uint8Array): unknown {
  // No body at all is the empty object: routes without fields are called without one.
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(400, "BAD_BODY", "The body is not JSON in UTF-8.");
  }
}

function tooLarge(bytesMax: number): Problem {
  return new Problem(413, "TOO_LARGE", `The body is larger than ${bytesMax} bytes.`);
}
