import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadIndexProgram } from "./index-program.ts";

const PROGRAM =
  "exports.readIndex = async ({ root }) => ({ directories: [{ dir: root, references: [] }], symlinks: [], problems: [] });";

let server: Server;
let serverUrl: string;
let scratch: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "terrane-program-"));
  server = createServer((request, response) => {
    response.statusCode = request.url === "/runner-index.cjs" ? 200 : 404;
    response.end(PROGRAM);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true, force: true });
});

test("a runner that travelled alone fetches the program that was built with it", async () => {
  const digest = createHash("sha256").update(PROGRAM).digest("hex");
  const program = await loadIndexProgram({ serverUrl, scratch, digest });
  const index = await program.readIndex({ root: "net", environment: {} });
  expect(index.directories).toEqual([{ dir: "net", references: [] }]);
});

test("T4 a program of another build is never started", async () => {
  const digest = "0".repeat(64);
  await expect(loadIndexProgram({ serverUrl, scratch, digest })).rejects.toThrow("another version");
});
