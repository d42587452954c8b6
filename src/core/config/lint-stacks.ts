import { echo } from "../../base/echo.ts";
import { nearest } from "../../base/nearest.ts";
import type { Finding } from "./finding.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { IMPLICIT_STACK } from "./stack.ts";

/** A name can be compared with this many others before it costs too much to guess what was meant. */
const GUESSED_MAX = 100;

/** Stacks that are named where no stack has that name, and stacks of none. */
export function lintStacks(raw: RawConfig, findings: Finding[]): void {
  const known = Object.keys(raw.stacks?.names ?? {});
  const nameable = new Set([...known, IMPLICIT_STACK]);
  let guessed = 0;
  for (const [name, stack] of Object.entries(raw.stacks?.names ?? {})) {
    const path = ["stacks", "names", name];
    if (stack.stacks?.length === 0) {
      findings.push({
        severity: "warning",
        code: "stack",
        message: `the stack \`${name}\` is made of no stacks, so that it holds nothing`,
        path: [...path, "stacks"],
      });
    }
    const lists: readonly (readonly [Path, readonly string[] | null | undefined])[] = [
      [[...path, "stacks"], stack.stacks],
      [[...path, "rules", "plan_after"], stack.rules?.plan_after],
      [[...path, "rules", "apply_after"], stack.rules?.apply_after],
      [[...path, "rules", "modified_by"], stack.rules?.modified_by],
    ];
    for (const [at, names] of lists) {
      for (const [index, wanted] of (names ?? []).entries()) {
        if (nameable.has(wanted)) continue;
        guessed += 1;
        const suggestion = guessed > GUESSED_MAX ? undefined : nearest(wanted, known);
        findings.push(unknownStack(wanted, [...at, index], suggestion));
      }
    }
  }
}

function unknownStack(wanted: string, path: Path, suggestion: string | undefined): Finding {
  return {
    severity: "error",
    code: "stack",
    message: `there is no stack \`${echo(wanted)}\`${suggestion === undefined ? "" : `; did you mean \`${suggestion}\`?`}`,
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
