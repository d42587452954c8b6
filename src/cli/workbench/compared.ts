import type { Change } from "../../core/change/affected.ts";
import { type Host, UsageError } from "../host.ts";
import {
  type Checkout,
  changesBetween,
  commitOf,
  currentBranch,
  defaultBranchOf,
  filesOf,
  mergeBase,
} from "./checkout.ts";
import { readChanges, readTree, STDIN } from "./lists.ts";

export interface ChangeOptions {
  readonly tree?: string;
  readonly changed?: string;
  readonly diff?: string;
  readonly defaultBranch?: string | false;
}

/** Two states of a repository: the files of the later one, and what differs. */
export interface Compared {
  readonly tree: readonly string[];
  readonly changes: readonly Change[];
  /** The later state, where it is a commit and not the working tree. */
  readonly head: string | undefined;
  /** The earlier state, where it is a commit. */
  readonly from: string | undefined;
  /** What the branch with the change is called, as far as that is known. */
  readonly branch: string | undefined;
}

export async function compare(
  host: Host,
  checkout: Checkout | undefined,
  options: ChangeOptions,
): Promise<Compared> {
  if (options.changed !== undefined && options.diff !== undefined) {
    throw new UsageError("--changed and --diff both say what changes.", "Give one of them.", 2);
  }
  if (options.changed === STDIN && options.tree === STDIN) {
    throw new UsageError("Standard input is one list.", "Give the other list as a file.", 2);
  }
  const range = await rangeOf(checkout, options);
  const head = range?.head;
  const changes =
    options.changed === undefined
      ? await changesOf(checkout, range)
      : await readChanges(host, options.changed);
  const tree =
    options.tree === undefined
      ? await filesOf(needed(checkout, "--tree"), head)
      : await readTree(host, options.tree);
  const listed = options.changed !== undefined && options.tree !== undefined;
  const current = listed || checkout === undefined ? undefined : await currentBranch(checkout);
  return { tree, changes, head, from: range?.from, branch: range?.name ?? current };
}

interface Range {
  readonly from: string;
  /** Undefined: the working tree. */
  readonly head: string | undefined;
  readonly name: string | undefined;
}

/** `A..B` from A to B, `A...B` from where they parted, `A` from there to the working tree. */
async function rangeOf(
  checkout: Checkout | undefined,
  { diff, changed, defaultBranch }: ChangeOptions,
): Promise<Range | undefined> {
  if (changed !== undefined) return undefined;
  if (diff === undefined) {
    const here = needed(checkout, "--changed");
    const named = defaultBranch === false ? undefined : defaultBranch;
    const base = await defaultBranchOf(here, named);
    if (base === undefined) {
      throw new UsageError(
        "There is no default branch to compare with.",
        "Name one with --default-branch, or say what changes with --diff or --changed.",
        2,
      );
    }
    return { from: await mergeBase(here, base.commit, "HEAD"), head: undefined, name: undefined };
  }
  const here = needed(checkout, "--changed");
  const [, left = "", dots, right = ""] = /^(.*?)(?:(\.{2,3})(.*))?$/s.exec(diff) ?? [];
  const from = await commitOf(here, left || "HEAD");
  if (dots === undefined) return { from, head: undefined, name: undefined };
  const head = await commitOf(here, right || "HEAD");
  const name = right === "" || right === "HEAD" ? undefined : right.replace(/^origin\//, "");
  return { from: dots === ".." ? from : await mergeBase(here, from, head), head, name };
}

async function changesOf(
  checkout: Checkout | undefined,
  range: Range | undefined,
): Promise<readonly Change[]> {
  if (checkout === undefined || range === undefined) return [];
  return await changesBetween(checkout, range.from, range.head);
}

function needed(checkout: Checkout | undefined, list: "--tree" | "--changed"): Checkout {
  if (checkout !== undefined) return checkout;
  throw new UsageError(
    `This is no git checkout, so ${list === "--tree" ? "its files" : "what changes"} must be given.`,
    `Use ${list} FILE with one path a line, or --repo DIR.`,
    2,
  );
}
