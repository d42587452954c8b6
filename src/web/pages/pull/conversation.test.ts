import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { ConversationEntry, PullRequestDetail } from "../../../contract/views.ts";
import { Conversation } from "./conversation.tsx";

function shown(outdated: boolean | undefined): string {
  const entry: ConversationEntry = {
    kind: "comment",
    id: "c1",
    author: "terrane",
    byTerrane: true,
    markdown: "what it said",
    at: "2026-03-01T14:05:00Z",
    editedAt: null,
    acknowledged: false,
    outdated,
  };
  const pull = { headSha: "a", local: { conversation: [entry] } } as unknown as PullRequestDetail;
  return renderToStaticMarkup(createElement(Conversation, { pull }));
}

test("a comment that a newer one replaces is one line, and what it said is below that", () => {
  expect(shown(true)).toMatch(
    /<details class="comment-body"><summary>Outdated: [^<]+<\/summary>.*what it said/,
  );
  expect(shown(undefined)).not.toContain("<details");
  expect(shown(undefined)).toContain("what it said");
});
