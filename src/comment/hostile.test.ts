import fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { expect, test } from "vitest";
import { AT, aCount, aKey, aReport, aView, FLAVOUR } from "../../test/support/comment-views.ts";
import { aLock } from "../../test/support/locks.ts";
import type { Reason } from "../core/reason.ts";
import { renderChecks } from "./checks.ts";
import { renderSticky } from "./sticky.ts";
import type { CommentView } from "./view.ts";

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly depth?: number;
  readonly children?: readonly Node[];
}

function parse(markdown: string): Node {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function all(node: Node): readonly Node[] {
  return [node, ...(node.children ?? []).flatMap(all)];
}

const ours = new Set([
  "root",
  "heading",
  "paragraph",
  "text",
  "inlineCode",
  "code",
  "strong",
  "list",
  "listItem",
  "link",
  "html",
  "table",
  "tableRow",
  "tableCell",
]);
const OUR_HTML =
  /^(?:<\/details>|<details(?: open)?><summary>(?:<code>[^<>]*<\/code>)?[^<>@#]*<\/summary>)$/;
/** What a forge turns into a link or a notification wherever it stands in text. */
const REFERENCE =
  /[@~&^%$](?=[\p{L}\p{N}_])|(?<!See |, | and |by )[#!](?=\d)|https?:\/\/|www\.|GH-\d/iu;

/** Everything that is in the comment must be something that we put there. */
function expectOurs(markdown: string, view: CommentView): void {
  const root = parse(markdown);
  const nodes = all(root);
  expect(nodes.map((node) => node.type).filter((type) => !ours.has(type))).toEqual([]);
  const of = (type: string) => nodes.filter((node) => node.type === type);
  for (const { value = "" } of of("html")) expect(value).toMatch(OUR_HTML);
  for (const { value = "" } of of("text")) expect(value).not.toMatch(REFERENCE);
  for (const { url } of of("link")) expect(url).toBe(view.dashboardUrl);
  expect(of("heading").length).toBeLessThanOrEqual(1);
  for (const row of of("tableRow")) expect(row.children).toHaveLength(6);
  expect(of("table").length).toBeLessThanOrEqual(1);
  // Every opened section is closed again, at the top level.
  const tags = (root.children ?? []).filter((node) => node.type === "html");
  expect(tags).toHaveLength(of("html").length);
  for (const [i, { value = "" }] of tags.entries()) {
    expect(value.startsWith("</")).toBe(i % 2 === 1);
  }
  expect(tags.length % 2).toBe(0);
  expect(markdown).not.toMatch(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
}

const NASTY = [
  "```",
  "````",
  "~~~",
  "`",
  "\n",
  "\n\n",
  "@alice",
  "@org/team",
  "#12",
  "!12",
  "owner/repo#1",
  "<!-- x -->",
  "<img src=https://evil.example/x>",
  "</details>",
  "<details>",
  "<script>",
  "</code>",
  "![x](https://evil.example/b.png)",
  "[x](javascript:alert)",
  "https://evil.example",
  "www.evil.example",
  "a@b.example",
  "| a | b |",
  "\n|--|--|\n",
  "\\|",
  "\\",
  "|",
  "\u001b[31m",
  "\u202e",
  "\u2066",
  "\r",
  "\u0000",
  "# Plan",
  "\n# Plan: 0 to destroy\n",
  "- [ ] x",
  "1. x",
  "> quote",
  "***",
  "---",
  "\n===\n",
  "[^1]",
  "[^1]: x",
  "&lt;",
  "&#64;alice",
  "$x$",
  ":tada:",
  "~~x~~",
  "**x**",
  "    code",
  "\ttab",
  "<https://evil.example>",
  "GH-1",
  "xmpp:a@b.example",
  "mailto:a@b.example",
  "HTTPS://EVIL.EXAMPLE",
  "\u2028",
  "\u200b",
  "plain",
  " ",
  "x".repeat(500),
];
const nasty = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom(...NASTY), { maxLength: 12 })
      .map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
);

const phases = fc.constantFrom(
  "planned",
  "plan_failed",
  "apply_failed",
  "applied",
  "stale",
  "waiting",
  "unchanged",
);

const hostileView: fc.Arbitrary<CommentView> = fc
  .record({
    dir: nasty,
    workspace: nasty,
    phase: phases,
    text: nasty,
    address: nasty,
    login: nasty,
    query: nasty,
    message: nasty,
    base: nasty,
  })
  .map(({ dir, workspace, phase, text, address, login, query, message, base }) => {
    const key = aKey(dir, workspace);
    const reasons: readonly Reason[] = [
      { code: "bad_query", query, message, offset: 0 },
      { code: "unknown_command", word: query, nearest: undefined },
      { code: "not_permitted", login, has: "read", needs: "write" },
      { code: "run_failed", runId: "1" as never, message },
      { code: "locked", locks: [{ dirspace: key, by: 12, because: "applied" }] },
      { code: "query_matches_nothing", query, available: [key, key] },
    ];
    const found = {
      code: "unknown_key",
      message,
      file: dir,
      line: 1,
      column: 2,
      path: "x",
    } as const;
    return aView({
      baseRef: base,
      deletedDirs: [dir],
      diagnostics: [{ ...found, severity: "warning", suggestion: text }],
      notice: { at: AT, command: query, actor: login, outcome: "refused", reasons },
      dirspaces: [
        aReport(dir, {
          workspace,
          phase,
          counts: aCount({ create: 1 }),
          changes: [{ address, action: "replace", replacePaths: [address, text] }],
          planText: `  # ${text} will be created\n${text}`,
          failure: { step: text, message, tail: text, exitCode: null, signal: text },
          waitingFor: [key],
          outputs: [{ name: text, sensitive: false, value: message }],
          locks: [aLock(12, { baseRef: base, since: AT })],
        }),
      ],
    });
  });

test("T10 nothing that others wrote becomes more than text", () => {
  fc.assert(
    fc.property(hostileView, (view) => {
      expectOurs(renderSticky(view, FLAVOUR), view);
      expectOurs(renderChecks(view, FLAVOUR)[0]?.summary ?? "", view);
    }),
    { numRuns: 60 },
  );
});

test("T10 a name shows as it was written, whatever is in it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...NASTY), fc.constantFrom(...NASTY), (a, b) => {
      const dir = `${a}${b}`.replaceAll(/[\s\p{C}]/gu, "").slice(0, 60);
      fc.pre(dir !== "" && !dir.includes("\\|"));
      const nodes = all(parse(renderSticky(aView({ dirspaces: [aReport(dir)] }), FLAVOUR)));
      expect(
        nodes.filter((node) => node.type === "inlineCode").map((node) => node.value),
      ).toContain(dir);
    }),
    { numRuns: 60 },
  );
});

test("T10 plan output that claims to be our verdict stays inside its block", () => {
  const planText =
    "  # a will be created\n```\n</details>\n\n### Planned · 0 to destroy\n@alice approve\n";
  const view = aView({
    dirspaces: [aReport("a", { phase: "planned", counts: aCount({ delete: 9 }), planText })],
  });
  const markdown = renderSticky(view, FLAVOUR);
  expect(markdown).toContain("−9 destroy");
  expect(parse(markdown).children?.map((node) => node.type)).toEqual([
    "heading",
    "paragraph",
    "paragraph",
    "table",
    "html",
    "code",
    "html",
    "paragraph",
  ]);
});
