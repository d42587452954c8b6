import { git, tryGit } from "./git.ts";

export interface TreeEntry {
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
  readonly size: number | undefined;
  readonly path: string;
}

export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

export interface DiffFile {
  readonly status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  readonly path: string;
  readonly from: string | undefined;
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
}

/** Entries of a tree; `undefined` where the id names no tree. */
export async function readTree(
  gitDir: string,
  treeish: string,
  recursive: boolean,
): Promise<readonly TreeEntry[] | undefined> {
  const flags = recursive ? ["-r", "-t"] : [];
  const ran = await tryGit(gitDir, ["ls-tree", "-l", "-z", ...flags, treeish]);
  if (ran.code !== 0) return undefined;
  return ran.stdout
    .toString("utf8")
    .split("\0")
    .filter((line) => line !== "")
    .map(parseTreeLine);
}

function parseTreeLine(line: string): TreeEntry {
  const tab = line.indexOf("\t");
  const [mode = "", type = "", sha = "", size = "-"] = line.slice(0, tab).split(/ +/);
  return {
    mode,
    type: type === "tree" ? "tree" : type === "commit" ? "commit" : "blob",
    sha,
    size: size === "-" ? undefined : Number(size),
    path: line.slice(tab + 1),
  };
}

export async function readBlob(gitDir: string, sha: string): Promise<Buffer | undefined> {
  const ran = await tryGit(gitDir, ["cat-file", "blob", sha]);
  return ran.code === 0 ? ran.stdout : undefined;
}

export async function readCommit(gitDir: string, sha: string): Promise<CommitFacts> {
  const [only] = await readCommits(gitDir, ["--no-walk", sha]);
  if (only === undefined) throw new Error(`no commit ${sha}`);
  return only;
}

/** Commits of a range, oldest first. */
export async function readCommits(
  gitDir: string,
  range: readonly string[],
): Promise<readonly CommitFacts[]> {
  const format = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01";
  const text = await git(gitDir, [
    "log",
    "--reverse",
    "--topo-order",
    `--format=${format}`,
    ...range,
  ]);
  const commits: CommitFacts[] = [];
  for (const record of text.split("\u0001")) {
    const [
      sha = "",
      tree = "",
      parents = "",
      an = "",
      ae = "",
      ai = "",
      cn = "",
      ce = "",
      ci = "",
      body = "",
    ] = record.replace(/^\n/, "").split("\0");
    if (sha === "") continue;
    commits.push({
      sha,
      tree,
      parents: parents === "" ? [] : parents.split(" "),
      message: body.replace(/\n+$/, ""),
      author: { name: an, email: ae, date: utc(ai) },
      committer: { name: cn, email: ce, date: utc(ci) },
    });
  }
  return commits;
}

export function utc(date: string | Date): string {
  return new Date(date).toISOString().replace(/\.\d{3}Z$/, "Z");
}

export async function countCommits(gitDir: string, range: string): Promise<number> {
  return Number((await git(gitDir, ["rev-list", "--count", range])).trim());
}

/** What changed between two commits, renames found, in path order as GitHub lists it. */
export async function diffFiles(
  gitDir: string,
  base: string,
  head: string,
): Promise<readonly DiffFile[]> {
  const args = ["diff-tree", "-r", "-z", "-M", "-l0", base, head];
  const [raw, stat] = await Promise.all([
    git(gitDir, [...args, "--raw", "--no-abbrev"]),
    git(gitDir, [...args, "--numstat"]),
  ]);
  const counts = parseNumstat(stat);
  return parseRaw(raw)
    .map((file) => ({ ...file, ...(counts.get(file.path) ?? { additions: 0, deletions: 0 }) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function parseRaw(raw: string): Omit<DiffFile, "additions" | "deletions">[] {
  const parts = raw.split("\0");
  const files: Omit<DiffFile, "additions" | "deletions">[] = [];
  for (let i = 0; i + 1 < parts.length; ) {
    const [, , before = "", after = "", letter = ""] = (parts[i] ?? "").split(" ");
    const first = parts[i + 1] ?? "";
    if (letter.startsWith("R") || letter.startsWith("C")) {
      const status = letter.startsWith("R") ? "renamed" : "copied";
      files.push({ status, path: parts[i + 2] ?? "", from: first, sha: after });
      i += 3;
      continue;
    }
    const status =
      letter === "A"
        ? "added"
        : letter === "D"
          ? "removed"
          : letter === "T"
            ? "changed"
            : "modified";
    files.push({ status, path: first, from: undefined, sha: letter === "D" ? before : after });
    i += 2;
  }
  return files;
}

function parseNumstat(stat: string): Map<string, { additions: number; deletions: number }> {
  const counts = new Map<string, { additions: number; deletions: number }>();
  const parts = stat.split("\0");
  for (let i = 0; i < parts.length; ) {
    const [plus = "", minus = "", path = ""] = (parts[i] ?? "").split("\t");
    if (plus === "") break;
    const value = { additions: Number(plus) || 0, deletions: Number(minus) || 0 };
    // A rename has an empty path here and both names in the two records that follow.
    if (path === "") {
      counts.set(parts[i + 2] ?? "", value);
      i += 3;
    } else {
      counts.set(path, value);
      i += 1;
    }
  }
  return counts;
}
