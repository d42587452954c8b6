import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Signer } from "./release-mirror.ts";
import { zip } from "./zip.ts";

/** A name that no DNS knows: terraform reaches it only through the configuration that `cliConfig` gives. */
export const REGISTRY_HOST = "providers.example.test";

export interface Registry {
  readonly cliConfig: string;
  /** How often each path was asked for. */
  readonly asked: ReadonlyMap<string, number>;
  /** SHA-256 of the archive of `acme/<type>` `version`, as lock files write it. */
  readonly zh: (type: string, version: string) => string;
  readonly close: () => Promise<void>;
}

const VERSIONS = ["1.0.0", "1.1.0"];

/** Speaks terraform's provider registry protocol, for providers that are installed and never started. */
export async function startRegistry(
  folder: string,
  signer: Signer,
  /** What every provider weighs, of bytes that do not pack. */
  ballast: Buffer = Buffer.alloc(0),
): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const answer = answerTo(path, base());
    if (answer === undefined) response.writeHead(404).end();
    else {
      const json = typeof answer === "object" && !Buffer.isBuffer(answer);
      response.writeHead(200, { "content-type": json ? "application/json" : "application/zip" });
      response.end(json ? JSON.stringify(answer) : answer);
    }
  });
  const answerTo = (path: string, url: string): object | Buffer | undefined => {
    if (path.startsWith("/files/")) return fileOf(path.slice("/files/".length));
    const [, , , , type = "", version = "", ...rest] = path.split("/");
    if (version === "versions") {
      const platforms = [{ os: "linux", arch: "amd64" }];
      return {
        versions: VERSIONS.map((each) => ({ version: each, protocols: ["5.0"], platforms })),
      };
    }
    if (rest[0] !== "download") return undefined;
    const name = archiveName(type, version);
    return {
      protocols: ["5.0"],
      os: "linux",
      arch: "amd64",
      filename: name,
      download_url: `${url}/files/${name}`,
      shasums_url: `${url}/files/${name}.sums`,
      shasums_signature_url: `${url}/files/${name}.sums.sig`,
      shasum: hash(fileOf(name)),
      signing_keys: {
        gpg_public_keys: [
          {
            key_id: signer.fingerprint.slice(-16),
            ascii_armor: readFileSync(signer.keyFile, "utf8"),
          },
        ],
      },
    };
  };
  const packed = new Map<string, Buffer>();
  const fileOf = (name: string): Buffer => {
    const match = /^terraform-provider-(\w+)_([\d.]+)_linux_amd64\.zip(\.sums(?:\.sig)?)?$/.exec(
      name,
    );
    const [, type = "", version = "", suffix] = match ?? [];
    const archive =
      packed.get(`${type} ${version}`) ??
      zip([
        {
          name: `terraform-provider-${type}_v${version}`,
          content: Buffer.from(`#!/bin/sh\n# ${type} ${version}\n${"# provider\n".repeat(2_000)}`),
        },
        { name: "ballast", content: ballast, mode: 0o644, stored: true },
        { name: "LICENSE.txt", content: Buffer.from("free"), mode: 0o644 },
      ]);
    packed.set(`${type} ${version}`, archive);
    if (suffix === undefined) return archive;
    const sums = join(folder, `${type}-${version}.sums`);
    writeFileSync(sums, `${hash(archive)}  ${archiveName(type, version)}\n`);
    if (suffix === ".sums") return readFileSync(sums);
    signer.sign(sums, `${sums}.sig`);
    return readFileSync(`${sums}.sig`);
  };
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    cliConfig: `host "${REGISTRY_HOST}" {\n  services = {\n    "providers.v1" = "${base()}/v1/providers/"\n  }\n}\n`,
    asked,
    zh: (type, version) => `zh:${hash(fileOf(archiveName(type, version)))}`,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function archiveName(type: string, version: string): string {
  return `terraform-provider-${type}_${version}_linux_amd64.zip`;
}

function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
