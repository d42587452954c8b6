import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Account, chooseAccount } from "./account.ts";
import { prepareBinaries } from "./binaries.ts";

interface Place {
  readonly base: string;
  readonly dataDir: string;
  readonly account: Account;
}

function makePlace(): Place {
  const base = mkdtempSync(join(tmpdir(), "terrane-binaries-"));
  chmodSync(base, 0o755);
  const dataDir = join(base, "data");
  mkdirSync(dataDir, { mode: 0o755 });
  onTestFinished(() => {
    chmodSync(join(base, "package", "native", "lib"), 0o755);
    rmSync(base, { recursive: true, force: true });
  });
  return { base, dataDir, account: chooseAccount(join(dataDir, "cluster")) };
}

/** The package as npm unpacks it with `ignore-scripts`: no links, and no executable bits. */
function unpackWithoutScripts({ base }: Place): string {
  const native = join(base, "package", "native");
  mkdirSync(join(native, "bin"), { recursive: true });
  mkdirSync(join(native, "lib"));
  writeFileSync(join(native, "bin", "postgres"), "", { mode: 0o644 });
  writeFileSync(join(native, "bin", "initdb"), "", { mode: 0o644 });
  writeFileSync(join(native, "lib", "libpq.so.5.18"), "");
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  writeFileSync(join(native, "pg-symlinks.json"), JSON.stringify(links));
  return native;
}

test("links and executable bits that an install without scripts leaves out are made at run time", () => {
  const place = makePlace();
  const { dataDir, account } = place;
  const native = unpackWithoutScripts(place);
  const binaries = prepareBinaries(account, dataDir, { native, version: "18.4.0" });
  expect(binaries).toEqual({
    postgres: join(native, "bin", "postgres"),
    initdb: join(native, "bin", "initdb"),
    major: "18",
  });
  expect(readlinkSync(join(native, "lib", "libpq.so.5"))).toBe("libpq.so.5.18");
  expect(statSync(binaries.postgres).mode & 0o111).toBe(0o111);
});

test("programs in a package that is read-only or out of reach are copied beside the data", () => {
  const place = makePlace();
  const { dataDir, account } = place;
  const native = unpackWithoutScripts(place);
  chmodSync(join(native, "lib"), 0o555);
  // Root writes everywhere, but the account that it switches to cannot enter this directory.
  chmodSync(join(place.base, "package"), 0o700);
  const { postgres } = prepareBinaries(account, dataDir, { native, version: "18.4.0" });
  const copy = join(dataDir, "postgresql-18.4.0");
  expect(postgres).toBe(join(copy, "bin", "postgres"));
  expect(readlinkSync(join(copy, "lib", "libpq.so.5"))).toBe("libpq.so.5.18");
  expect(prepareBinaries(account, dataDir, { native, version: "18.4.0" }).postgres).toBe(postgres);
});
