import { UsageError } from "../cli/host.ts";
import { EmbeddedError } from "../store/embedded/error.ts";
import { MigrationError } from "../store/migrate.ts";
import { ConfigError } from "./config.ts";

/** Why a server could not start, as the person who started it can mend it; undefined for a bug of ours. */
export function startFailure(
  error: unknown,
  { host, port }: { readonly host?: string | undefined; readonly port: number },
): UsageError | undefined {
  if (
    error instanceof EmbeddedError ||
    error instanceof MigrationError ||
    error instanceof ConfigError
  ) {
    return new UsageError(error.message, "`terrane doctor` looks at the rest.");
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return new UsageError(
        `Port ${port} is taken by another program.`,
        "Choose another with --port, or --port 0 for any free one.",
      );
    case "EADDRNOTAVAIL":
      return new UsageError(
        "This machine has no such address.",
        "Give one of its own with --host, or 0.0.0.0 for all of them.",
      );
    case "EACCES":
      return new UsageError(
        error instanceof Error ? error.message : "",
        "Choose a data directory and a port that this account may use.",
      );
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      if (
        error instanceof Error &&
        host !== undefined &&
        "hostname" in error &&
        error.hostname === host
      ) {
        return new UsageError(
          `There is no host ${host}.`,
          "Give an address of this machine with --host, or 0.0.0.0 for all of them.",
        );
      }
      return new UsageError(
        "The database does not answer.",
        "Check DATABASE_URL, or leave it out for the embedded one.",
      );
    default:
      return undefined;
  }
}
