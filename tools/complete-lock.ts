import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What we read of package-lock.json; everything else passes through untouched. */
export type Lock = {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

type LockedPackage = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

type Platform = { readonly os: readonly string[]; readonly cpu: readonly string[] };

const FOLDER = "node_modules/";

/**
 * Optional packages that the lock file's packages name and the lock file does not have. `npm ci`
 * refuses such a lock file. It comes from a registry that mirrors only some platforms: `npm install`
 * leaves out what it cannot find, and says nothing.
 */
export function missingOptional(lock: Lock): readonly string[] {
  return [...additions(lock).keys()].map((path) => path.slice(FOLDER.length));
}

/** The lock file with an entry for each of them: name, exact version, and the platform that wants it. */
export function completeLock<T extends Lock>(lock: T): T {
  const packages: Record<string, object> = { ...lock.packages };
  for (const [path, entry] of additions(lock)) packages[path] = entry;
  const sorted = Object.keys(packages).toSorted((left, right) => left.localeCompare(right, "en"));
  return { ...lock, packages: Object.fromEntries(sorted.map((path) => [path, packages[path]])) };
}

function additions(lock: Lock): ReadonlyMap<string, object> {
  const added = new Map<string, object>();
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `${FOLDER}${name}`;
      const isThere = Object.keys(lock.packages).some(
        (known) => known === path || known.endsWith(`/${path}`),
      );
      const platform = platformOf(name);
      if (isThere || platform === undefined || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) continue;
      added.set(path, {
        version,
        ...(parent.dev === true ? { dev: true } : {}),
        optional: true,
        ...platform,
      });
    }
  }
  return added;
}

/** "@scope/cli-linux-arm64-musl" says where it runs; package names of native code agree on the words. */
function platformOf(name: string): (Platform & { readonly libc?: readonly string[] }) | undefined {
  const found =
    /\b(?<os>android|darwin|freebsd|linux|openharmony|win32|aix|netbsd|openbsd|sunos)-(?<cpu>[a-z0-9]+)(?:-(?<abi>[a-z0-9]+))?$/.exec(
      name,
    )?.groups;
  if (found === undefined) return undefined;
  const { os = "", cpu = "", abi = "" } = found;
  const libc = abi.startsWith("musl") ? "musl" : abi.startsWith("gnu") ? "glibc" : undefined;
  return {
    os: [os],
    cpu: [cpu],
    ...(os === "linux" && libc !== undefined ? { libc: [libc] } : {}),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lock;
  const missing = missingOptional(lock);
  writeFileSync("package-lock.json", `${JSON.stringify(completeLock(lock), null, 2)}\n`);
  process.stdout.write(`${missing.length} optional packages added to package-lock.json\n`);
}
