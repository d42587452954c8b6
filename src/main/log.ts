import { pino } from "pino";
import type { Log } from "../ports/log.ts";

/** JSON lines on standard error: standard output belongs to the command line's own words. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: {},
      redact: {
        paths: ["*.authorization", "*.cookie", "*.token", "*.credential", "*.password"],
        censor: "[redacted]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
