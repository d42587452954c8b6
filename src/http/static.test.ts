import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { Problem } from "./errors.ts";
import { securityHeaders, staticFiles } from "./static.ts";

/** A dashboard, and beside it a file that is none of its own. */
async function served(): Promise<Hono> {
  const dir = mkdtempSync(join(tmpdir(), "terrane-web-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, "web", "assets"), { recursive: true });
  writeFileSync(join(dir, "web", "index.html"), "<!doctype html>page");
  writeFileSync(join(dir, "web", "favicon.svg"), "<svg/>");
  writeFileSync(join(dir, "web", "assets", "main-abc123.js"), "run()");
  writeFileSync(join(dir, "secret.txt"), "secret");
  const app = new Hono();
  app.use(securityHeaders());
  app.onError((error, context) =>
    context.text("refused", error instanceof Problem ? error.status : 500),
  );
  app.all("*", await staticFiles(join(dir, "web")));
  return app;
}

test.each([
  ["/assets/main-abc123.js", "run()", "text/javascript", "immutable"],
  ["/favicon.svg", "<svg/>", "image/svg+xml", "no-cache"],
  ["/", "<!doctype html>page", "text/html", "no-cache"],
  ["/runs", "<!doctype html>page", "text/html", "no-cache"],
  ["/runs/0b1c.2", "<!doctype html>page", "text/html", "no-cache"],
  ["/repositories/x/pulls/7", "<!doctype html>page", "text/html", "no-cache"],
])("%s is served with its type and its age", async (path, text, type, cache) => {
  const response = await (await served()).request(path);
  expect([response.status, await response.text()]).toEqual([200, text]);
  expect(response.headers.get("content-type")).toContain(type);
  expect(response.headers.get("cache-control")).toContain(cache);
  expect(response.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
});

test.each([
  "/../secret.txt",
  "/%2e%2e/secret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/assets/gone-000.js",
  "/secret.txt",
])(
  "a file that the dashboard does not have is not found, and never another one: %s",
  async (path) => {
    const response = await (await served()).request(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain("secret");
  },
);

test("HEAD answers without the content", async () => {
  for (const path of ["/", "/favicon.svg"]) {
    const response = await (await served()).request(path, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  }
});

test("a page is read, not written", async () => {
  expect((await (await served()).request("/", { method: "POST" })).status).toBe(404);
});
