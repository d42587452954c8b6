import type { ReleaseSites } from "../runner/engine/install/site.ts";

/** The official release sites. Keys are told by their fingerprints, so that who serves them need not be trusted. */
export const ENGINE_SITES: ReleaseSites = {
  terraform: {
    folder: (version) => `https://releases.hashicorp.com/terraform/${version}/`,
    list: "https://releases.hashicorp.com/terraform/index.json",
    key: "https://www.hashicorp.com/.well-known/pgp-key.txt",
    fingerprints: ["C874011F0AB405110D02105534365D9472D7468F"],
  },
  tofu: {
    folder: (version) => `https://github.com/opentofu/opentofu/releases/download/v${version}/`,
    list: "https://get.opentofu.org/tofu/api.json",
    key: "https://get.opentofu.org/opentofu.asc",
    fingerprints: ["E3E6E43D84CB852EADB0051D0C0AF313E5FD9F80"],
  },
  terragrunt: {
    folder: (version) =>
      `https://github.com/gruntwork-io/terragrunt/releases/download/v${version}/`,
    list: "https://api.github.com/repos/gruntwork-io/terragrunt/releases?per_page=100",
    // Most of its releases are published with hashes alone.
    key: undefined,
    fingerprints: [],
  },
};
