import { findAll, type TreeFile } from "./tree-file.ts";

/** Adapters, what knows them, and what speaks the existing runner's wire. Nobody else says a vendor's name. */
const VENDOR_PLACES = [
  /^src\/(?:vcs|ci|runner\/host)\/(?:github|gitlab)/,
  /^src\/main\//,
  /^src\/(?:http|contract)\/compat/,
];

/** A vendor word in the core is how two forges grow two copies of one product. */
export function vendorWords(file: TreeFile): readonly string[] {
  if (!/^(?:src|migrations)\//.test(file.path)) return [];
  if (VENDOR_PLACES.some((place) => place.test(file.path))) return [];
  // A generated file repeats its sources, which are looked at themselves.
  if (file.path.endsWith(".gen.ts")) return [];
  const vendors = /github|gitlab|octokit/gi;
  if (/github|gitlab|octokit/i.test(file.path)) return [`${file.path}: a vendor's name in a path`];
  return findAll(file, vendors, ([word]) => `"${word}" belongs into its adapter; say vcs or ci`);
}

// The words are put together so that this file does not contain them.
const LATER = ["TO", "DO"].join("");
const BROKEN = [["FIX", "ME"].join(""), ["X", "XX"].join("")];
const LEFT_OVER = new RegExp(
  String.raw`\b${LATER}\b(?!\(#\d+\): \S)|\b(?:${BROKEN.join("|")})\b`,
  "g",
);

/** What is left for later has an issue; what is broken does not land. */
export function leftOvers(file: TreeFile): readonly string[] {
  if (!/\.(?:ts|tsx|mjs|cjs|sql|css|ya?ml|sh)$/.test(file.path)) return [];
  return findAll(
    file,
    LEFT_OVER,
    ([word]) => `${word} without an issue: ${LATER}(#12): what and why`,
  );
}

const HOME = ["home", "Users", "root", "work", "farm"].join("|");
const MACHINE_PATH = new RegExp(
  String.raw`(?<=^|[\s"'\`(=:,])/(?:${HOME})/\w|(?<=^|[\s"'\`(=])/tmp/[a-z]+/`,
  "gm",
);
const REGISTRY_HOST = new RegExp(
  [
    ["registry", "npmjs"],
    ["registry", "yarnpkg"],
    ["npm", "pkg", "github"],
    ["proxy", "golang"],
  ]
    .map((parts) => parts.join(String.raw`\.`))
    .join("|"),
  "g",
);

/** The tree is built elsewhere tomorrow: no path of one machine, no host of one registry. */
export function machineTraces(file: TreeFile): readonly string[] {
  return [
    ...findAll(file, MACHINE_PATH, ([path]) => `"${path.trim()}…" is a path of one machine`),
    ...findAll(file, REGISTRY_HOST, ([host]) => `"${host}" is a host; configuration names it`),
  ];
}

/** A lock file with hosts downloads from where its author happened to be. */
export function lockFileHosts(file: TreeFile): readonly string[] {
  if (!file.path.endsWith("package-lock.json")) return [];
  return findAll(file, /"resolved": "https?:/g, () => "a registry's host in the lock file");
}
