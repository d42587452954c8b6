import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadIndexProgram } from "./index-program.ts";

const PROGRAM =
  "exports.readIndex = async ({ root }) => ({ directories: [{ dir: root, references: [] }], symlinks: [], problems: [] });";

async function served(): Promise<{ readonly serverUrl: string; readonly scratch: string }> {
  const scratch = mkdtempSync(join(tmpdir(), "terrane-program-"));
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/runner-index.cjs" ? 200 : 404;
    response.end(PROGRAM);
  });
  onTestFinished(() => {
    server.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, scratch };
}

test("a runner that travelled alone fetches the program that was built with it", async () => {
  const { serverUrl, scratch } = await served();
  const digest = createHash("sha256").update(PROGRAM).digest("hex");
  const program = await loadIndexProgram({ serverUrl, scratch, digest });
  const index = await program.readIndex({ root: "net", environment: {} });
  expect(index.directories).toEqual([{ dir: "net", references: [] }]);
});

test("T4 a program of another build is never started", async () => {
  const { serverUrl, scratch } = await served();
  const digest = "0".repeat(64);
  await expect(loadIndexProgram({ serverUrl, scratch, digest })).rejects.toThrow("another version");
});
