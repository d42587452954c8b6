import { pino } from "pino";
import type { Log } from "../ports/log.ts";

/** JSON lines on standard error: standard output belongs to the command line's own words. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: {},
      serializers: { err: errorFields },
      redact: {
        paths: ["*.authorization", "*.cookie", "*.token", "*.credential", "*.password"],
        censor: "[redacted]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

const CAUSES_MAX = 5;

/** What an error says, and nothing of the objects that drivers hang on it: those hold connections and their passwords. */
function errorFields(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const deeper = cause === undefined || depth === CAUSES_MAX ? undefined : cause;
  return {
    type: name,
    message,
    code,
    stack,
    ...(deeper === undefined ? {} : { cause: errorFields(deeper, depth + 1) }),
  };
}
