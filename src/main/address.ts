import { isIPv4, isIPv6 } from "node:net";
import { ConfigError } from "./config.ts";

/**
 * Where people, webhooks and CI jobs reach this server. By itself it knows that only of its own machine: whoever lets
 * others in has to say under which address, and names that were not said are refused (DNS rebinding).
 */
export function addressOf(host: string, port: number, publicUrl: string | undefined): string {
  // An empty name means every address there is to whoever listens, which nobody asked for.
  if (host.trim() === "")
    throw new ConfigError("--host is empty: leave it out, or say an address.");
  if (publicUrl !== undefined) return publicUrl;
  if (!isLoopback(host)) {
    throw new ConfigError(
      `--host ${host} lets other machines in: set TERRANE_URL to the address under which they reach this server.`,
    );
  }
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The names that requests may have in `Host`. */
export function knownHosts(
  port: number,
  url: string,
  more: readonly string[],
): ReadonlySet<string> {
  const loopback = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`);
  return new Set([...loopback, new URL(url).host, ...more]);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
