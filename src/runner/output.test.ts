import fc from "fast-check";
import { expect, test } from "vitest";
import { OUTPUT_CHUNK_CHARS_MAX } from "../contract/work.ts";
import type { Client } from "./client.ts";
import { Masker } from "./mask.ts";
import { splitChunk, UnitOutput } from "./output.ts";

type Body = Parameters<Client["output"]>[0];

function recorder(nextSeq: (body: Body) => number = (body) => body.seq + 1) {
  const sent: Body[] = [];
  const output: Client["output"] = (body) => {
    sent.push(body);
    return Promise.resolve({ kind: "ok", value: { nextSeq: nextSeq(body) } });
  };
  return { sent, client: { output } };
}

const UNIT = { dir: "a", workspace: "default" };

test("chunks keep every character, end at lines and stay within the limit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 200 })),
      fc.integer({ min: 1, max: 300 }),
      (parts, times) => {
        const text = parts.join("\n").repeat(times);
        let rest = text;
        let joined = "";
        while (rest !== "") {
          const [chunk, left] = splitChunk(rest);
          expect(chunk.length).toBeLessThanOrEqual(OUTPUT_CHUNK_CHARS_MAX);
          expect(chunk).not.toBe("");
          joined += chunk;
          rest = left;
        }
        expect(joined).toBe(text);
      },
    ),
    { numRuns: 15 },
  );
});

test("a secret written in two pieces is hidden", async () => {
  const { sent, client } = recorder();
  const masker = new Masker();
  masker.add("split-secret");
  const output = new UnitOutput(UNIT, client, masker);
  const writer = output.writer();
  await writer.write("a split-");
  await writer.write("secret b\n");
  await writer.end();
  await output.close(5_000);
  expect(sent.map((body) => body.text).join("")).toBe("a *** b\n");
  expect(output.takeTranscript()).toBe("a *** b\n");
});

test("numbers start at 0 and leave no gap, and one that the server wants again is sent again", async () => {
  let lost = 1;
  const { sent, client } = recorder((body) => (lost-- > 0 ? body.seq : body.seq + 1));
  const output = new UnitOutput(UNIT, client, new Masker());
  await output.say("one");
  await output.close(5_000);
  await output.say("two");
  await output.close(5_000);
  expect(sent.map(({ seq, text }) => [seq, text])).toEqual([
    [0, "one\n"],
    [0, "one\n"],
    [1, "two\n"],
  ]);
});

test("a line without end is cut and does not fill the memory", async () => {
  const { sent, client } = recorder();
  const output = new UnitOutput(UNIT, client, new Masker());
  const writer = output.writer();
  for (let piece = 0; piece < 40; piece += 1) await writer.write("x".repeat(100_000));
  await writer.write("tail of it\nnext line\n");
  await writer.end();
  await output.close(5_000);
  const text = sent.map((body) => body.text).join("");
  expect(text.length).toBeLessThan(1_200_000);
  expect(text).toContain("… line cut …\n");
  expect(text.endsWith("\nnext line\n")).toBe(true);
});

test("a server that refuses output ends the stream and not the work", async () => {
  let calls = 0;
  const output = new UnitOutput(
    UNIT,
    {
      output: () => {
        calls += 1;
        return Promise.resolve({ kind: "refused", status: 413, code: "full", message: "full" });
      },
    },
    new Masker(),
  );
  await output.say("one");
  await output.close(5_000);
  await output.say("two");
  await output.close(5_000);
  expect(calls).toBe(1);
  expect(output.takeTranscript()).toBe("one\ntwo\n");
});
