import type { DiagnosticCode } from "./diagnostic.ts";

/** What keeps a text from being read as YAML. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly offset: number;
  readonly suggestion?: string;
}
