export type EmbeddedFailure =
  | "unsupported_platform"
  | "no_account"
  | "data_dir_in_use"
  | "data_dir_unusable"
  | "data_dir_version"
  | "init_failed"
  | "start_failed";

/**
 * Why the embedded PostgreSQL cannot run here. The message is for the operator: what happened, why,
 * and what to do next; `main` prints it and exits.
 */
export class EmbeddedError extends Error {
  override readonly name = "EmbeddedError";
  readonly kind: EmbeddedFailure;

  constructor(kind: EmbeddedFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
