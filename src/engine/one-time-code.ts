import type { AttemptId } from "../core/ids.ts";
import type { Ci, CiJob } from "../ports/ci.ts";
import type { CodeFound } from "../ports/runner-store.ts";
import type { EnginePorts } from "./ports.ts";
import { hashOf } from "./start-existing.ts";

/** Tells a code from an identity token, and lets scanners of secrets know it. */
const PREFIX = "terrane_code_";

export type CodeShown =
  | { readonly kind: "ok"; readonly found: CodeFound & { readonly ciRun: string } }
  | {
      readonly kind: "refused";
      readonly status: 401 | 409;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: "unavailable"; readonly message: string };

export function isCode(token: string): boolean {
  return token.startsWith(PREFIX);
}

/**
 * The job with its code, where codes are switched on and this CI system can bring one to its job unseen. The same for
 * the same attempt: when the answer to a start was lost, the job that is there already has it.
 */
export async function withCode(job: CiJob, ci: Ci, ports: EnginePorts): Promise<CiJob> {
  const { codeMs } = ports.limits;
  if (codeMs === undefined || ci.deliversCodes !== true) return job;
  const code = codeOf(ports, job.attempt);
  // First the door, then the job: it may be there within a second.
  await ports.store.issueCode(job.attempt, hashOf(ports, code), codeMs);
  return { ...job, code };
}

function codeOf(ports: EnginePorts, attempt: AttemptId): string {
  const key = ports.secrets.deriveKey(`one-time-code:${attempt}`);
  return `${PREFIX}${Buffer.from(key).toString("base64url")}`;
}

/** Whether a code opens this attempt now; each way in which it does not has words of its own. */
export async function examineCode(
  ports: EnginePorts,
  attempt: AttemptId,
  code: string,
): Promise<CodeShown> {
  if (ports.limits.codeMs === undefined) {
    return refused(
      "CODE_SWITCHED_OFF",
      "This server takes no one-time codes. Give the job an identity token, or set TERRANE_ONE_TIME_CODE_MINUTES on the server.",
    );
  }
  const found = await ports.runners.code(hashOf(ports, code));
  if (found === undefined) {
    return refused("CODE_UNKNOWN", "This server gave out no such one-time code.");
  }
  if (found.attempt !== attempt) {
    return refused("CODE_OTHER_ATTEMPT", "This one-time code belongs to another attempt.");
  }
  if (found.used) return codeUsed();
  if (found.expired) {
    return refused(
      "CODE_EXPIRED",
      "This one-time code has expired before its job began. Comment `terrane plan` to start a new one.",
    );
  }
  const { ciRun } = found;
  if (ciRun === undefined) {
    const message = "It is not known yet which CI run this code went to; ask again.";
    return { kind: "unavailable", message };
  }
  return { kind: "ok", found: { ...found, ciRun } };
}

export function codeUsed(): Extract<CodeShown, { kind: "refused" }> {
  const message =
    "This one-time code, or the attempt that it opens, was used before. A re-run of a CI job cannot continue an old run: comment `terrane plan` to start a new one.";
  return { ...refused("CODE_USED", message), status: 409 };
}

function refused(code: string, message: string): Extract<CodeShown, { kind: "refused" }> {
  return { kind: "refused", status: 401, code, message };
}
