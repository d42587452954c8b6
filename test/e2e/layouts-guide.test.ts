import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import * as layouts from "../support/layouts.ts";
import { openDesk } from "../support/terrane-program.ts";

const GUIDE = join(import.meta.dirname, "..", "..", "docs", "guides", "layouts.md");
const home = mkdtempSync(join(tmpdir(), "terrane-guide-"));
const desk = openDesk(home);

afterAll(() => rmSync(home, { recursive: true, force: true }));

const MAKERS: Readonly<Record<string, (root: string) => layouts.Layout>> = layouts;

/** The guide with everything in it that was made by a program made again: trees, files, outputs. */
async function madeAgain(markdown: string): Promise<string> {
  const lines: string[] = [];
  let root = "";
  let fence: { readonly kind: string; readonly body: string[] } | undefined;
  for (const line of markdown.split("\n")) {
    const maker = /^<!-- layout: (\w+) -->$/.exec(line)?.[1];
    if (maker !== undefined) {
      root = join(home, maker);
      MAKERS[maker]?.(root);
    }
    if (fence === undefined) {
      lines.push(line);
      const kind = /^```(\w+)$/.exec(line)?.[1];
      if (kind !== undefined) fence = { kind, body: [] };
      continue;
    }
    if (line !== "```") {
      fence.body.push(line);
      continue;
    }
    lines.push(...(await blockAgain(root, fence.kind, fence.body)), line);
    fence = undefined;
  }
  return lines.join("\n");
}

async function blockAgain(root: string, kind: string, body: string[]): Promise<readonly string[]> {
  switch (kind) {
    case "text":
      return output(
        await desk.shell(
          root,
          "git ls-files -s | sed 's/^120000.*\t\\(.*\\)/\\1 (link)/; s/^1.*\t//'",
        ),
      );
    case "yaml":
      return readFileSync(join(root, ".terrane/config.yml"), "utf8").trimEnd().split("\n");
    case "console": {
      const lines: string[] = [];
      for (const line of body.filter((text) => text.startsWith("$ "))) {
        lines.push(line, ...output(await desk.shell(root, `${line.slice(2)} 2>/dev/null`)));
      }
      return lines;
    }
    default:
      return body;
  }
}

function output({ stdout }: { readonly stdout: string }): readonly string[] {
  return stdout === "" ? [] : stdout.trimEnd().split("\n");
}

test("the guide to layouts shows what really happens", async () => {
  await expect(await madeAgain(readFileSync(GUIDE, "utf8"))).toMatchFileSnapshot(GUIDE);
});
