import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { CheckDraft } from "../../src/ports/vcs.ts";
import { sha } from "../support/core-world.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

const FILES = ["net/main.tf"];

let lab: EngineLab;
let checks: Map<string, CheckDraft>;

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
  checks = new Map();
  const { putCheck } = lab.vcs;
  lab.vcs.putCheck = (repo, draft) => {
    checks.set(draft.name, draft);
    return putCheck.call(lab.vcs, repo, draft);
  };
});

afterEach(() => lab.close());

/** Rules of a branch take success, and neutral as well. */
function verdicts(): readonly (string | undefined)[] {
  return ["terrane plan", "terrane apply"].map((name) => checks.get(name)?.conclusion);
}

const COMMANDS = [
  "terrane help",
  "terrane why",
  "terrane repo-config",
  "terrane plan",
  "terrane apply",
  "terrane unlock",
  "terrane nonsense",
];

test.each(COMMANDS)(
  "L40 checks of a broken configuration ask for somebody also after %s, and the comment says for what",
  async (command) => {
    lab.vcs.config = "dirs: [\n";
    await lab.open(1, FILES);
    expect(verdicts()).toEqual(["action_required", "action_required"]);
    const annotated = checks.get("terrane plan")?.annotations;
    await lab.say(1, "bob", command);
    await lab.say(1, "bob", "terrane help");
    expect(verdicts()).toEqual(["action_required", "action_required"]);
    expect(lab.vcs.comments.get("1:terrane")).toContain("Not planned");
    expect(lab.vcs.comments.get("1:terrane")).toContain("E_CONFIG_INVALID");
    expect(checks.get("terrane plan")?.annotations).toEqual(annotated);
    // Once it is mended nothing of it is left.
    lab.vcs.config = "";
    const view = present(lab.vcs.views.get(1), "it was opened");
    const [headSha, baseSha] = [sha(777), sha(778)];
    lab.vcs.views.set(1, { ...view, headSha, baseSha, defaultBranchSha: baseSha });
    await lab.hear(1, { kind: "review", number: 1 });
    await lab.drain();
    expect(lab.vcs.comments.get("1:terrane")).not.toContain("E_CONFIG_INVALID");
    expect(checks.get("terrane plan")).toMatchObject({ commit: headSha, status: "queued" });
  },
);

test.each(COMMANDS)(
  "S17 checks of a fork that nobody trusts yet stay as they are after %s of its author",
  async (command) => {
    const { pullRequest } = lab.vcs;
    lab.vcs.pullRequest = async (...asked) => {
      const got = await pullRequest.apply(lab.vcs, asked);
      return got.kind === "ok" ? { ...got, value: { ...got.value, fromFork: true } } : got;
    };
    await lab.open(1, FILES);
    expect(verdicts()).toEqual(["action_required", "action_required"]);
    await lab.say(1, "mallory", command);
    await lab.say(1, "mallory", "terrane help");
    expect(verdicts()).toEqual(["action_required", "action_required"]);
    expect(lab.ci.started).toEqual([]);
  },
);
