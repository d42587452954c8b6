import { type CommitSha, parseCommitSha } from "../../core/ids.ts";
import { type BareRepository, gitText } from "./run.ts";

export interface CommitLine {
  readonly commit: CommitSha;
  readonly author: string;
  readonly subject: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

/** The commits of `head` that `base` does not have, oldest first; of more than `max` the newest. */
export async function listCommits(
  repo: BareRepository,
  base: CommitSha,
  head: CommitSha,
  max: number,
): Promise<readonly CommitLine[]> {
  const format = "--format=%H%x00%an%x00%s%x00%at";
  const args = [
    "log",
    "--reverse",
    "--topo-order",
    `--max-count=${max}`,
    format,
    `${base}..${head}`,
  ];
  const lines: CommitLine[] = [];
  for (const line of (await gitText(repo, args)).split("\n")) {
    const [sha = "", author = "", subject = "", at = ""] = line.split("\0");
    const commit = parseCommitSha(sha);
    if (commit !== undefined) lines.push({ commit, author, subject, at: Number(at) });
  }
  return lines;
}
