import { describe, expect, test } from "vitest";
import type { Instant } from "../../base/brand.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { PullRequestView } from "../../core/pull-request.ts";
import type { RepositoryRef } from "../../ports/vcs.ts";
import { Looked } from "./looked.ts";

const REPO = { id: "1", installation: "1", fullName: "acme/infra" } as RepositoryRef;
const HEAD = "a".repeat(40) as CommitSha;
const VIEW = { number: 7, headSha: HEAD, author: { id: "2", login: "ann" }, reviews: [] };
const NONE = { files: [], noComments: true, noChecks: true };

function lookedAt(begunAt: number, besides: Partial<typeof NONE> = {}): Looked {
  const looked = new Looked(() => begunAt);
  looked.keep(REPO, begunAt, VIEW as unknown as PullRequestView, { ...NONE, ...besides });
  return looked;
}

const at = (time: number) => time as Instant;

describe("S25 nothing of ours is there", () => {
  test("when a look said so and all that was written since is remembered", () => {
    const looked = lookedAt(100);
    expect(looked.hadNoComment(REPO, 7, at(0))).toBe(true);
    expect(looked.hadNoCheck(REPO, HEAD, at(0))).toBe(true);
  });

  test("and not when what was written after the look may have been forgotten", () => {
    const looked = lookedAt(100);
    expect(looked.hadNoComment(REPO, 7, at(100))).toBe(false);
    expect(looked.hadNoCheck(REPO, HEAD, at(160))).toBe(false);
  });

  test("and not when something of ours is known to have been written", () => {
    expect(lookedAt(100).hadNoComment(REPO, 7, undefined)).toBe(false);
    expect(lookedAt(100).hadNoCheck(REPO, HEAD, undefined)).toBe(false);
  });

  test("and not when the look could not tell, or nobody has looked", () => {
    const looked = lookedAt(100, { noComments: false, noChecks: false });
    expect(looked.hadNoComment(REPO, 7, at(0))).toBe(false);
    expect(looked.hadNoCheck(REPO, HEAD, at(0))).toBe(false);
    expect(lookedAt(100).hadNoComment(REPO, 8, at(0))).toBe(false);
  });
});
