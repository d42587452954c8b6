import fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { expect, test } from "vitest";
import { type MarkdownNode, type RootContent, withElements } from "./tags.ts";

const read = (text: string) => withElements(fromMarkdown(text).children).map(show);

function show(node: MarkdownNode): unknown {
  if (node.type === "element") return [node.tag, ...node.children.map(show)];
  if (node.type === "text" || node.type === "html") return node.value;
  if ("children" in node)
    return [node.type, ...withElements(node.children as RootContent[]).map(show)];
  return node.type;
}

test("details and summary around markdown become elements", () => {
  expect(
    read("<details><summary>prod <b>db</b> &amp; more</summary>\n\n**x**\n\n</details>"),
  ).toEqual([
    ["details", ["summary", "prod ", ["b", "db"], " & more"], ["paragraph", ["strong", "x"]]],
  ]);
});

test.each([
  ["<script>alert(1)</script>", ["<script>", "alert(1)", "</script>"]],
  ["<img src=x onerror=alert(1)>", ["<img src=x onerror=alert(1)>"]],
  ["<details onclick=alert(1)>x</details>", [["details", "x"]]],
  ["<iframe src=//evil></iframe>", ["<iframe src=//evil>", "</iframe>"]],
  ["<!-- key:v1 -->\ntext", [["paragraph", "text"]]],
])("%s has no element that a comment may not use", (markdown, nodes) => {
  expect(JSON.stringify(read(markdown))).toBe(JSON.stringify(nodes));
});

test("any mix of tags becomes a tree of known elements only", () => {
  const piece = fc.constantFrom(
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
    "<b>",
    "</b>",
    "<svg/onload=x>",
    "text",
    "<",
    ">",
    "<!--",
    "-->",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const nodes = withElements([{ type: "html", value: pieces.join("") }]);
      const tags = JSON.stringify(nodes).match(/"tag":"[a-z]+"/g) ?? [];
      for (const tag of tags) expect(["details", "summary", "b"]).toContain(tag.slice(7, -1));
    }),
  );
});
