import type { CodeSource } from "./host/host.ts";
import type { Env } from "./process.ts";

/** Most services look at the password only. */
const USER = "x-access-token";

/**
 * Variables that let one git process read the repository: other processes of the machine see neither a
 * command line nor a file with the token in it, and git sends it to that server alone.
 */
export function gitAccess(source: CodeSource | undefined, env: Env): Env {
  if (source?.token === undefined || !URL.canParse(source.cloneUrl)) return {};
  const { protocol, origin } = new URL(source.cloneUrl);
  if (protocol !== "https:" && protocol !== "http:") return {};
  const basic = Buffer.from(`${source.user ?? USER}:${source.token}`, "utf8").toString("base64");
  return configVariables(Number(env["GIT_CONFIG_COUNT"] ?? 0), [
    [`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`],
    // The machine's own helpers would answer for somebody else.
    ["credential.helper", ""],
  ]);
}

/** After those that are there: a machine may reach the server through a proxy that is set so. */
function configVariables(first: number, settings: readonly (readonly [string, string])[]): Env {
  const entries = settings.flatMap(([key, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...Object.fromEntries(entries), GIT_CONFIG_COUNT: String(first + settings.length) };
}
