import { count } from "../../base/text.ts";
import type { Host } from "../host.ts";
import { paint, plain } from "../print.ts";
import type { Found } from "./case-files.ts";
import type { TestedFile } from "./case-result.ts";
import type { Mutation } from "./mutate.ts";
import { isError, printDiagnostics } from "./shown.ts";

interface Printed {
  readonly files: readonly TestedFile[];
  readonly found: Found;
  readonly mutation: Mutation | undefined;
}

/** The results for people. */
export function printResults(host: Host, { files, found, mutation }: Printed): void {
  printDiagnostics(host, found.diagnostics, found.texts, "out");
  for (const { file, cases } of files) {
    host.out(paint(host, "bold", plain(file)));
    for (const { name, line, ok, mismatches } of cases) {
      const mark = ok ? paint(host, "green", "ok    ") : paint(host, "red", "failed");
      host.out(`  ${mark}  ${plain(name)}${ok ? "" : ` (line ${line})`}`);
      for (const { key, expected, got } of mismatches) {
        host.out(`            ${key}: expected ${plain(expected)}`);
        host.out(`            ${" ".repeat(key.length)}       got ${plain(got)}`);
      }
    }
  }
  const all = files.flatMap(({ cases }) => cases);
  const failed = all.filter(({ ok }) => !ok).length;
  const words = failed === 0 ? "all hold" : `${failed} failed`;
  const left = found.diagnostics.some(isError) ? "; what has errors did not run" : "";
  host.out(`${count(all.length, "case")}${all.length === 0 ? "" : `, ${words}`}${left}.`);
  if (mutation !== undefined) printMutation(host, mutation);
}

function printMutation(host: Host, { rules, noticed, unnoticed }: Mutation): void {
  host.out(`${count(rules, "rule")}, of which ${noticed} are noticed when they are gone.`);
  if (unnoticed.length === 0) return;
  host.out("No case notices when one of these is gone:");
  for (const { path, file, line, column } of unnoticed) {
    host.out(`  ${plain(file)}:${line}:${column}  ${plain(path)}`);
  }
}
