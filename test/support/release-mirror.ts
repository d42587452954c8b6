import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { releaseFiles } from "../../src/runner/engine/install/site.ts";
import type { Tool } from "../../src/runner/engine/version/wish.ts";
import { zip } from "./zip.ts";

/** Signs as the makers of a tool do, with a key of this test alone. */
export class Signer {
  readonly #home: string;
  readonly keyFile: string;
  readonly fingerprint: string;

  constructor(folder: string, name: string) {
    this.#home = join(folder, `gpg-${name}`);
    mkdirSync(this.#home, { mode: 0o700 });
    const who = `${name} <${name}@example.com>`;
    this.#gpg("--passphrase", "", "--quick-generate-key", who, "ed25519", "sign", "never");
    this.keyFile = join(folder, `${name}.asc`);
    this.#gpg("--armor", "--output", this.keyFile, "--export");
    const listed = this.#gpg("--with-colons", "--list-keys");
    this.fingerprint = /^fpr:{9}([0-9A-F]{40})/m.exec(listed)?.[1] ?? "";
  }

  sign(file: string, signature: string): void {
    this.#gpg("--yes", "--output", signature, "--detach-sign", file);
  }

  #gpg(...args: string[]): string {
    const options = ["--homedir", this.#home, "--batch", "--pinentry-mode", "loopback"];
    return execFileSync("gpg", [...options, ...args], { encoding: "utf8", stdio: "pipe" });
  }
}

/** A mirror of releases in a folder, as the user would keep one. */
export class ReleaseMirror {
  readonly folder: string;
  readonly #signer: Signer;

  constructor(folder: string, signer: Signer) {
    this.folder = folder;
    this.#signer = signer;
    mkdirSync(folder, { recursive: true });
  }

  get fileUrl(): string {
    return pathToFileURL(this.folder).href;
  }

  /** Publishes a version of a tool whose program is this script. */
  publish(tool: Tool, version: string, script: string): void {
    const files = releaseFiles(tool, version);
    const content = Buffer.from(script);
    const archive = files.packed ? zip([{ name: tool, content }]) : content;
    this.write(tool, version, files.archive, archive);
    const hash = createHash("sha256").update(archive).digest("hex");
    const sums = `${"0".repeat(64)}  another_file.zip\n${hash}  ${files.archive}\n`;
    this.write(tool, version, files.sums, Buffer.from(sums));
    this.sign(tool, version, this.#signer);
    writeFileSync(join(this.folder, tool, "key.asc"), readFileSync(this.#signer.keyFile));
  }

  sign(tool: Tool, version: string, signer: Signer): void {
    const { sums, signature } = releaseFiles(tool, version);
    signer.sign(this.file(tool, version, sums), this.file(tool, version, signature));
  }

  list(tool: Tool, versions: readonly string[]): void {
    const entries = Object.fromEntries(versions.map((version) => [version, { version }]));
    writeFileSync(join(this.folder, tool, "index.json"), JSON.stringify({ versions: entries }));
  }

  write(tool: Tool, version: string, name: string, bytes: Buffer): void {
    const file = this.file(tool, version, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }

  read(tool: Tool, version: string, name: string): Buffer {
    return readFileSync(this.file(tool, version, name));
  }

  file(tool: Tool, version: string, name: string): string {
    return join(this.folder, tool, version, name);
  }
}

export interface Served {
  readonly url: string;
  readonly paths: readonly string[];
  readonly close: () => Promise<void>;
}

/** Serves a folder; `/loop/…` redirects to itself for ever, `/moved/…` to where the files are. */
export async function serveFolder(folder: string): Promise<Served> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    if (path.startsWith("/loop/")) {
      response.writeHead(302, { location: path }).end();
    } else if (path.startsWith("/moved/")) {
      response.writeHead(302, { location: path.slice("/moved".length) }).end();
    } else {
      try {
        const bytes = readFileSync(join(folder, decodeURIComponent(path)));
        response.writeHead(200).end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return { url, paths, close };
}
