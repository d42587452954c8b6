import * as z from "zod/mini";
import type { RepositoryIndex } from "../../core/change/repository-index.ts";
import type { Said } from "../../engine/compatible-door.ts";
import {
  BuildConfigResult,
  BuildTreeResult,
  FailureResult,
  IndexResult,
  ResultsV1,
  ResultsV2,
} from "./bodies.ts";
import { type BuiltRead, builtConfig, builtTree } from "./built-result.ts";
import { indexOf } from "./index-result.ts";
import { saidBy } from "./results.ts";
import { fromVersion1 } from "./results-v1.ts";

export type ResultsRead =
  | Said
  | { readonly kind: "index"; readonly index: RepositoryIndex }
  | Extract<BuiltRead, { kind: "built" }>
  | { readonly kind: "unreadable"; readonly message: string };

const TEXT_CHARS_MAX = 2_000;

/** Which of the results that there are this is, by the field that only it has. */
export function readResults(bytes: Uint8Array): ResultsRead {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return unreadable("they are not JSON in UTF-8");
  }
  const failure = z.safeParse(FailureResult, body);
  if (failure.success) {
    const text = typeof failure.data === "string" ? failure.data : failure.data.msg;
    const said = text.replaceAll("\0", "\ufffd").toWellFormed().trim().slice(-TEXT_CHARS_MAX);
    return { kind: "failed", message: said === "" ? "The runner failed and said nothing." : said };
  }
  if (has(body, "steps")) return parsed(ResultsV2, body, saidBy);
  if (has(body, "dirspaces")) {
    return parsed(ResultsV1, body, (results) => saidBy(fromVersion1(results)));
  }
  if (has(body, "paths")) {
    return parsed(IndexResult, body, (result) =>
      result.success
        ? { kind: "index", index: indexOf(result) }
        : { kind: "failed", message: "The runner could not read the code." },
    );
  }
  if (has(body, "files")) return parsed(BuildTreeResult, body, builtTree);
  if (has(body, "config")) return parsed(BuildConfigResult, body, builtConfig);
  return unreadable("they are of no known kind");
}

function has(body: unknown, key: string): boolean {
  return typeof body === "object" && body !== null && Object.hasOwn(body, key);
}

function parsed<S extends z.ZodMiniType>(
  schema: S,
  body: unknown,
  read: (value: z.infer<S>) => ResultsRead,
): ResultsRead {
  const result = z.safeParse(schema, body);
  if (result.success) return read(result.data);
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  return unreadable(`they have an unexpected shape${place}: ${issue?.message ?? "unknown"}`);
}

function unreadable(because: string): ResultsRead {
  const message = `The runner's results cannot be read: ${because}.`;
  return {
    kind: "unreadable",
    message: message.toWellFormed().replaceAll("\0", "\ufffd").slice(0, TEXT_CHARS_MAX),
  };
}
