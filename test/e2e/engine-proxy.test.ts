import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { trustAuthorities } from "../../src/runner/authorities.ts";
import { downloadFile, downloadText } from "../../src/runner/engine/install/download.ts";
import { type ForwardProxy, startForwardProxy } from "../support/forward-proxy.ts";
import { type Served, serveFolder } from "../support/release-mirror.ts";

// A real proxy and a real site with a certificate of an authority of its own, both on this machine.
let folder = "";
let site: Server;
let siteUrl = "";
let proxy: ForwardProxy;
let plain: Served;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "terrane proxy "));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
  execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
  trustAuthorities([readFileSync(cert, "utf8")]);
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  site = createServer(options, (request, response) => {
    if (request.url === "/moved") response.writeHead(302, { location: "/large" }).end();
    else if (request.url === "/large") response.end(Buffer.alloc(3_000_000, 7));
    else if (request.url === "/agent") response.end(request.headers["user-agent"]);
    else if (request.url === "/down") response.writeHead(302, { location: plain.url }).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  siteUrl = `https://127.0.0.1:${(site.address() as AddressInfo).port}`;
  plain = await serveFolder(folder);
});

afterAll(async () => {
  site.closeAllConnections();
  site.close();
  await plain.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  proxy = await startForwardProxy("user", "p@ss");
});

afterEach(() => proxy.close());

function through(url = proxy.url): Record<string, string> {
  return { HTTPS_PROXY: url, HTTP_PROXY: url };
}

test("an engine is fetched through the proxy's tunnel, redirects included, and arrives whole", async () => {
  const file = join(folder, "large");
  const got = await downloadFile(`${siteUrl}/moved`, file, through());
  expect(got).toMatchObject({ kind: "ok" });
  expect(readFileSync(file).equals(Buffer.alloc(3_000_000, 7))).toBe(true);
  const target = siteUrl.slice("https://".length);
  expect(proxy.asked).toEqual([`CONNECT ${target}`, `CONNECT ${target}`]);
});

test("a mirror that is not encrypted is asked for by its whole address", async () => {
  const got = await downloadText(`${plain.url}/cert.pem`, through());
  expect(got.kind === "ok" && got.bytes.toString()).toContain("BEGIN CERTIFICATE");
  expect(proxy.asked).toEqual([`GET ${plain.url}/cert.pem`]);
});

test("sites are told what asks, behind a proxy as without one", async () => {
  for (const env of [through(), {}]) {
    const got = await downloadText(`${siteUrl}/agent`, env);
    expect(got.kind === "ok" && got.bytes.toString()).toBe("terrane-runner");
  }
});

test("T20 a site that shows somebody else's certificate is not believed behind a proxy either", async () => {
  const got = await downloadText(`${siteUrl.replace("127.0.0.1", "localhost")}/large`, through());
  expect(got).toMatchObject({ kind: "failed", message: expect.stringContaining("localhost") });
  expect(proxy.asked[0]).toMatch(/^CONNECT localhost:/);
});

test("what NO_PROXY names is reached directly", async () => {
  const env = { ...through("http://127.0.0.1:1"), NO_PROXY: "127.0.0.1" };
  expect(await downloadText(`${siteUrl}/large`, env)).toMatchObject({ kind: "ok" });
  expect(await downloadText(`${siteUrl}/nothing`, through())).toEqual({ kind: "missing" });
});

test("T20 a redirect from an encrypted place to an open one is not followed behind a proxy either", async () => {
  const got = await downloadText(`${siteUrl}/down`, through());
  expect(got).toMatchObject({ kind: "failed", message: expect.stringContaining("not safe") });
});

test.each([
  [
    "that wants to know who it is",
    () => proxy.url.replace("p%40ss", "wrong"),
    /proxy .* answered 407/,
  ],
  ["that nobody answers at", () => "http://127.0.0.1:1", /the proxy 127.0.0.1:1 cannot be reached/],
  ["that is none", () => "socks5://127.0.0.1:1", /HTTPS_PROXY is no address of an HTTP proxy/],
])("a proxy %s is told as the cause", async (_, url, cause) => {
  const got = await downloadText(`${siteUrl}/large`, through(url()));
  expect(got).toMatchObject({ kind: "failed", message: expect.stringMatching(cause) });
});
