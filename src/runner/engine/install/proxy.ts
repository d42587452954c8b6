import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Socket } from "node:net";
import { connect as connectSecure, type TLSSocket } from "node:tls";
import type { Env } from "../../process.ts";

export type ProxyChoice =
  | { readonly kind: "direct" }
  | { readonly kind: "proxy"; readonly url: URL }
  | { readonly kind: "unusable"; readonly message: string };

/**
 * By which proxy an address is reached, as curl and the tools that the job runs read the same variables: `fetch` of
 * Node.js 20 reads none.
 */
export function proxyFor(url: URL, env: Env): ProxyChoice {
  const scheme = url.protocol.slice(0, -1);
  const name = `${scheme}_proxy`;
  const given = env[name] || env[name.toUpperCase()] || "";
  if (given === "" || isExempt(url, env["no_proxy"] || env["NO_PROXY"] || "")) {
    return { kind: "direct" };
  }
  const text = given.includes("://") ? given : `http://${given}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return { kind: "proxy", url: proxy };
  const message = `${name.toUpperCase()} is no address of an HTTP proxy, such as http://proxy.example.com:3128`;
  return { kind: "unusable", message };
}

/** A name exempts itself and all below it, with a port only that one; `*` exempts everything. */
function isExempt({ hostname, port, protocol }: URL, exempt: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const from = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return exempt
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === "*") return true;
      const [, rawName = entry, only] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
      const name = rawName.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
      if (name === "" || (only !== undefined && only !== from)) return false;
      return host === name || host.endsWith(`.${name}`);
    });
}

/** One GET through the proxy: encrypted addresses through a tunnel, so that it sees their host and nothing else. */
export async function getThrough(
  proxy: URL,
  url: URL,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  if (url.protocol === "http:") {
    const headers = { host: url.host, ...authorization(proxy) };
    return await get(proxy, { path: url.href, headers, signal });
  }
  const socket = await tunnel(proxy, url, signal);
  return await new Promise((done, fail) => {
    const options = { createConnection: () => socket, signal, agent: false };
    requestSecure(url, options).once("response", done).once("error", fail).end();
  });
}

interface Get {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function get(proxy: URL, { path, headers, signal }: Get): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    open(proxy, { path, headers, signal, method: "GET" })
      .once("response", done)
      .once("error", (error) => fail(unreachable(proxy, error)))
      .end();
  });
}

/** Encrypted from here to the host itself; the proxy passes the bytes on. */
async function tunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<TLSSocket> {
  const target = `${url.hostname}:${url.port === "" ? "443" : url.port}`;
  const headers = { host: target, ...authorization(proxy) };
  const socket = await new Promise<Socket>((done, fail) => {
    const options = { method: "CONNECT", path: target, headers, signal };
    open(proxy, options)
      .once("connect", (answer, connected) => {
        if (answer.statusCode === 200) return done(connected);
        connected.destroy();
        fail(new Error(`the proxy ${proxy.host} answered ${answer.statusCode} for ${target}`));
      })
      .once("error", (error) => fail(unreachable(proxy, error)))
      .end();
  });
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const isAddress = /^[\d.]+$|:/.test(name);
  return await new Promise((done, fail) => {
    const secure = connectSecure({
      socket,
      host: name,
      ...(isAddress ? {} : { servername: name }),
    });
    secure.once("secureConnect", () => done(secure)).once("error", fail);
  });
}

function open(proxy: URL, options: Parameters<typeof requestPlain>[1] & object) {
  const request = proxy.protocol === "https:" ? requestSecure : requestPlain;
  return request({ host: proxy.hostname, port: portOf(proxy), agent: false, ...options });
}

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** Who is named matters: the address itself may be fine. */
function unreachable(proxy: URL, error: Error): Error {
  return new Error(`the proxy ${proxy.host} cannot be reached: ${error.message}`);
}
