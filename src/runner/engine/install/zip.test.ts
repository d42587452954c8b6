import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { zip } from "../../../../test/support/zip.ts";
import { BadZip, readZip, unpack } from "./zip.ts";

function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "terrane zip "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function written(folder: string, bytes: Buffer): string {
  const file = join(folder, "a.zip");
  writeFileSync(file, bytes);
  return file;
}

const FILES = [
  { name: "terraform", content: Buffer.from("#!/bin/sh\n".repeat(5_000)) },
  { name: "LICENSE.txt", content: Buffer.from("free"), mode: 0o644, stored: true },
  { name: "docs/empty", content: Buffer.alloc(0), mode: 0o644, stored: true },
];

test("an archive comes out as it went in, with what may be run runnable", async () => {
  const folder = useFolder();
  const file = written(folder, zip(FILES));
  const target = join(folder, "out");
  await unpack(file, await readZip(file), target);
  for (const { name, content } of FILES) expect(readFileSync(join(target, name))).toEqual(content);
  expect(statSync(join(target, "terraform")).mode & 0o111).not.toBe(0);
  expect(statSync(join(target, "LICENSE.txt")).mode & 0o111).toBe(0);
});

test("an archive that another program wrote is read", async () => {
  const folder = useFolder();
  writeFileSync(join(folder, "tofu"), "x".repeat(100_000));
  const script =
    "import zipfile; z=zipfile.ZipFile('b.zip','w',zipfile.ZIP_DEFLATED); z.write('tofu'); z.close()";
  execFileSync("python3", ["-c", script], { cwd: folder });
  const file = join(folder, "b.zip");
  const target = join(folder, "out");
  await unpack(file, await readZip(file), target);
  expect(readFileSync(join(target, "tofu"), "utf8")).toBe("x".repeat(100_000));
});

test.for(["../evil", "/etc/evil", "a/../../evil", "a\\b", "c:evil", "a//b", "nul\0"])(
  "an entry called %j unpacks nowhere",
  async (name) => {
    const folder = useFolder();
    const file = written(folder, zip([{ name, content: Buffer.from("x") }]));
    await expect(readZip(file)).rejects.toThrow(BadZip);
    expect(existsSync(join(folder, "..", "evil"))).toBe(false);
  },
);

test("a changed or cut archive is refused, and never more than it promised is written", async () => {
  const folder = useFolder();
  const whole = zip(FILES);
  const outcome = async (bytes: Buffer, target: string) => {
    const file = written(folder, bytes);
    const entries = await readZip(file);
    await unpack(file, entries, target);
    return entries;
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ by;
      const target = mkdtempSync(join(folder, "out-"));
      const entries = await outcome(bytes, target).catch(() => []);
      for (const { name, bytes: length } of entries) {
        expect(statSync(join(target, name)).size).toBe(length);
      }
    }),
    { numRuns: 60 },
  );
  for (const length of [0, 10, 21, whole.length - 1, Math.floor(whole.length / 2)]) {
    await expect(readZip(written(folder, whole.subarray(0, length)))).rejects.toThrow(BadZip);
  }
});
