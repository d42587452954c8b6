import type { HostEnv } from "../runner/host/host.ts";

/** The inputs of the action that starts the runner; `deploy/github/action/action.yml` declares them. */
export const ACTION_INPUTS = [
  "attempt",
  "server-url",
  "started-by",
  "clone-url",
  "git-token",
  "seal-key",
] as const;

export type FromInputs =
  | { readonly kind: "ok"; readonly env: HostEnv }
  | { readonly kind: "refused"; readonly message: string };

/**
 * Inputs of an action become the variables that the runner reads anywhere else, and are gone from the
 * environment: as they came, every tool would see the token among them. A variable that is set wins.
 */
export function withInputs(given: HostEnv): FromInputs {
  const env: Record<string, string | undefined> = { ...given };
  for (const input of ACTION_INPUTS) {
    const name = `INPUT_${input.toUpperCase()}`;
    const value = env[name] ?? "";
    delete env[name];
    const variable = `TERRANE_${input.toUpperCase().replaceAll("-", "_")}`;
    if (value !== "") env[variable] ??= value;
  }
  const server = withoutSlash(env["TERRANE_SERVER_URL"] ?? "");
  const startedBy = withoutSlash(env["TERRANE_STARTED_BY"] ?? "");
  if (startedBy === "" || startedBy === server) return { kind: "ok", env };
  const message =
    "This job was started by another server than the one that it is to trust. Correct the address in the CI settings, or TERRANE_URL of the server.";
  return { kind: "refused", message };
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}
