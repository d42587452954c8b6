import type { DiagnosticCode } from "./diagnostic.ts";
import type { Path } from "./places.ts";

/** Something about a value of the document, before it is known in which line that stands. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly path: Path;
  /** Point at the key and not at its value. */
  readonly atKey?: boolean;
  readonly suggestion?: string;
}
