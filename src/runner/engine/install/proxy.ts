import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { BlockList, isIP, isIPv6, type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
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
  if (proxy === undefined || !/^https?:$/.test(proxy.protocol)) {
    const message = `${name.toUpperCase()} is no address of an HTTP proxy, such as http://proxy.example.com:3128`;
    return { kind: "unusable", message };
  }
  if (isEncoded(proxy.username) && isEncoded(proxy.password)) return { kind: "proxy", url: proxy };
  const message = `the name or the password in ${name.toUpperCase()} has a % that begins no code; write %25 for it`;
  return { kind: "unusable", message };
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A name exempts itself and all below it, with a port only that one; a network all that is in it; `*` everything. */
function isExempt({ hostname, port, protocol }: URL, exempt: string): boolean {
  const host = unbracketed(hostname).toLowerCase();
  const from = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return exempt
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === "*") return true;
      if (isInNetwork(host, entry)) return true;
      const [, rawName = entry, only] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
      const name = unbracketed(rawName).replace(/^\*?\./, "");
      if (name === "" || (only !== undefined && only !== from)) return false;
      return host === name || host.endsWith(`.${name}`);
    });
}

/** An address in a network such as `10.0.0.0/8`; names are not looked up. */
function isInNetwork(host: string, entry: string): boolean {
  const [, network = "", prefix] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const bits = Number(prefix);
  const [family, bitsMax] = isIPv6(network) ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || bits > bitsMax) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

/** An address of the sixth version stands in brackets in a URL, and nowhere else. */
function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

export interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One GET through the proxy: encrypted addresses through a tunnel, so that it sees their host and nothing else. */
export async function getThrough(
  proxy: URL,
  url: URL,
  { headers, signal }: Asked,
): Promise<IncomingMessage> {
  if (url.protocol === "http:") {
    const all = { ...headers, host: url.host, ...authorization(proxy) };
    return await get(proxy, { path: url.href, headers: all, signal });
  }
  const socket = await tunnel(proxy, url, signal);
  return await new Promise((done, fail) => {
    const options = { createConnection: () => socket, headers, signal, agent: false };
    requestSecure(url, options).once("response", done).once("error", fail).end();
  });
}

interface Get extends Asked {
  readonly path: string;
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
  const host = unbracketed(url.hostname);
  return await new Promise((done, fail) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    // A tunnel that leads nowhere is open all the same, and would be waited for without end.
    const secure = addAbortSignal(signal, connectSecure({ socket, host, ...name }));
    secure.once("secureConnect", () => done(secure)).once("error", fail);
  });
}

function open(proxy: URL, options: Parameters<typeof requestPlain>[1] & object) {
  const request = proxy.protocol === "https:" ? requestSecure : requestPlain;
  return request({
    host: unbracketed(proxy.hostname),
    port: portOf(proxy),
    agent: false,
    ...options,
  });
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
