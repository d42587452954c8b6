import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { getThrough, proxyFor } from "./proxy.ts";

const SITE = "https://releases.example.com/terraform/";
const PROXY = "http://proxy.example.com:3128/";

function chosen(url: string, env: Readonly<Record<string, string>>): string {
  const choice = proxyFor(new URL(url), env);
  return choice.kind === "proxy" ? choice.url.href : choice.kind;
}

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ["nothing is said", SITE, {}, "direct"],
  ["it is empty", SITE, { HTTPS_PROXY: "" }, "direct"],
  ["it is named in upper case", SITE, { HTTPS_PROXY: PROXY }, PROXY],
  ["both cases differ", SITE, { HTTPS_PROXY: "http://other:1", https_proxy: PROXY }, PROXY],
  ["it has no scheme", SITE, { HTTPS_PROXY: "proxy.example.com:3128" }, PROXY],
  ["it is another scheme's", SITE, { HTTP_PROXY: PROXY }, "direct"],
  ["the address is not encrypted", "http://mirror/x", { HTTP_PROXY: PROXY }, PROXY],
  ["it is no address", SITE, { HTTPS_PROXY: "http://" }, "unusable"],
  ["its password is not encoded", SITE, { HTTPS_PROXY: "http://me:50%@proxy:1" }, "unusable"],
  ["it is of another kind", SITE, { HTTPS_PROXY: "socks5://proxy:1080" }, "unusable"],
])("by the environment, where %s", (_, url, env, proxy) => {
  expect(chosen(url, env)).toBe(proxy);
});

test.each([
  ["*", "direct"],
  ["releases.example.com", "direct"],
  ["RELEASES.example.com", "direct"],
  ["example.com", "direct"],
  [".example.com", "direct"],
  ["*.example.com", "direct"],
  ["localhost, example.com", "direct"],
  ["localhost example.com", "direct"],
  ["example.com:443", "direct"],
  ["example.com:8443", PROXY],
  ["ample.com", PROXY],
  ["releases.example.com.evil", PROXY],
  ["", PROXY],
  [",,", PROXY],
])("NO_PROXY %j", (exempt, proxy) => {
  expect(chosen(SITE, { HTTPS_PROXY: PROXY, NO_PROXY: exempt })).toBe(proxy);
});

test("an address of the sixth version is exempt with and without its brackets", () => {
  for (const exempt of ["::1", "[::1]", "[::1]:8443"]) {
    const env = { HTTPS_PROXY: PROXY, no_proxy: exempt };
    expect(chosen("https://[::1]:8443/x", env)).toBe("direct");
  }
});

test.each([
  ["10.1.2.3", "10.0.0.0/8", "direct"],
  ["11.1.2.3", "10.0.0.0/8", PROXY],
  ["10.1.2.3", "10.1.2.3/32", "direct"],
  ["10.1.2.3", "10.0.0.0/33", PROXY],
  ["10.1.2.3", "10.0.0.0/", PROXY],
  ["10.1.2.3", "fd00::/0", PROXY],
  ["[fd00::1]", "fd00::/8", "direct"],
  ["[fe00::1]", "fd00::/8", PROXY],
  ["releases.example.com", "0.0.0.0/0", PROXY],
])("%s is in the network %s: %s", (host, exempt, proxy) => {
  expect(chosen(`https://${host}/x`, { HTTPS_PROXY: PROXY, NO_PROXY: exempt })).toBe(proxy);
});

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A proxy that opens tunnels in which nobody ever says a word. */
async function startSilentProxy(): Promise<URL> {
  const server = createServer();
  server.on("connect", (_request, client) => {
    client.on("error", () => undefined).write("HTTP/1.1 200 Connection Established\r\n\r\n");
    closing.push(() => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const asked = (ms: number) => ({ headers: {}, signal: AbortSignal.timeout(ms) });

test("a tunnel in which nobody speaks is given up in time", async () => {
  const proxy = await startSilentProxy();
  await expect(getThrough(proxy, new URL(SITE), asked(100))).rejects.toThrow("abort");
});

test("the brackets of an address of the sixth version are no part of it", async () => {
  const proxy = new URL("http://[::1]:1");
  await expect(getThrough(proxy, new URL(SITE), asked(5_000))).rejects.toThrow(
    /the proxy \[::1\]:1 cannot be reached: connect E\w+ ::1:1/,
  );
});
