import type { Tool } from "../version/wish.ts";

/** Where releases of a tool are published, and who signs them. */
export interface ReleaseSite {
  /** The folder of one version, with a slash at its end. */
  readonly folder: (version: string) => string;
  /** A list of all versions; undefined where there is none. */
  readonly list: string | undefined;
  /** The public key in OpenPGP's armour; undefined where nothing is signed. */
  readonly key: string | undefined;
  /** Of the keys that may have signed, in upper case; empty: those of the key file that the user names. */
  readonly fingerprints: readonly string[];
}

export type ReleaseSites = Readonly<Record<Tool, ReleaseSite>>;

/** A mirror has one folder per tool and version, with the files under their published names. */
export function mirrorSite(base: string, tool: Tool, official: ReleaseSite): ReleaseSite {
  const folder = `${base.replace(/\/+$/, "")}/${tool}/`;
  return {
    folder: (version) => `${folder}${version}/`,
    list: `${folder}index.json`,
    key: `${folder}key.asc`,
    fingerprints: official.fingerprints,
  };
}

export interface ReleaseFiles {
  readonly version: string;
  readonly archive: string;
  /** Whether the program is packed; otherwise the file is the program. */
  readonly packed: boolean;
  readonly sums: string;
  readonly signature: string;
}

/** The published names of a release's files for this machine. */
export function releaseFiles(tool: Tool, version: string): ReleaseFiles {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  switch (tool) {
    case "terraform":
    case "tofu": {
      const sums = `${tool}_${version}_SHA256SUMS`;
      const signature = `${sums}.${tool === "tofu" ? "gpgsig" : "sig"}`;
      const archive = `${tool}_${version}_${os}_${arch}.zip`;
      return { version, archive, packed: true, sums, signature };
    }
    case "terragrunt":
      return {
        version,
        archive: `terragrunt_${os}_${arch}`,
        packed: false,
        sums: "SHA256SUMS",
        signature: "SHA256SUMS.gpgsig",
      };
  }
}
