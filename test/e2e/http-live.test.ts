import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCommand } from "../../src/cli/commands/run.ts";
import { ChangedEvent } from "../../src/contract/views.ts";
import { cliHost } from "../support/cli-host.ts";
import type { LabSession } from "../support/engine-lab.ts";
import { type HttpLab, httpLab, readEvents, type SseEvent, TOKEN } from "../support/http-lab.ts";

let http: HttpLab;

beforeAll(async () => {
  http = await httpLab();
  http.lab.vcs.files = ["a/main.tf", "b/main.tf", "c/main.tf", "d/main.tf", "e/main.tf"];
  await http.lab.open(1, ["a/main.tf"]);
});

afterAll(() => http.close());

function changed(events: readonly SseEvent[]): readonly number[] {
  return events.flatMap(({ data }) =>
    ChangedEvent.parse(data).pullRequests.map((one) => one.number),
  );
}

test("a page that follows learns where it stands, then what changes", async () => {
  const response = await http.call("/api/v1/events");
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reading = readEvents(response, (events) => changed(events).includes(2));
  await http.lab.open(2, ["b/main.tf"]);
  const events = await reading;
  expect(ChangedEvent.parse(events[0]?.data).pullRequests).toEqual([]);
  expect(events.every((one) => one.event === "changed")).toBe(true);
});

test.each(["query", "header"])(
  "a page that comes back is told what it missed, its place given as %s",
  async (how) => {
    const [first] = await readEvents(await http.call("/api/v1/events"), (all) => all.length > 0);
    await http.lab.say(1, "bob", "terrane help");
    const response =
      how === "query"
        ? await http.call(`/api/v1/events?cursor=${first?.id}`)
        : await http.call("/api/v1/events?cursor=0", {
            headers: { "last-event-id": first?.id ?? "" },
          });
    const [missed] = await readEvents(response, (all) => all.length > 0);
    expect(changed(missed === undefined ? [] : [missed])).toContain(1);
    expect(Number(missed?.id)).toBeGreaterThan(Number(first?.id));
  },
);

test("two pages see the same change", async () => {
  const both = [await http.call("/api/v1/events"), await http.call("/api/v1/events")];
  const reading = both.map((one) => readEvents(one, (events) => changed(events).includes(3)));
  await http.lab.open(3, ["c/main.tf"]);
  await Promise.all(reading);
});

async function started(): Promise<{
  readonly session: LabSession;
  readonly path: string;
  say(seq: number, text: string): Promise<unknown>;
}> {
  await http.lab.open(4, ["d/main.tf"]);
  const session = await http.lab.claim();
  const unit = session.run.units[0]?.dirspace;
  if (unit === undefined) throw new Error("the run has no unit");
  const names = [session.run.runId, unit].map(encodeURIComponent);
  return {
    session,
    path: `/api/v1/runs/${names[0]}/output/${names[1]}`,
    say: (seq, text) => http.lab.engine.runner.appendOutput(session, unit, seq, text),
  };
}

test("output comes live from where the reader stopped, and says when nothing follows", async () => {
  const { session, path, say } = await started();
  await say(0, "one\n");
  await say(1, "two\n");
  const reading = readEvents(await http.call(`${path}/stream?after=0`), () => false);
  await say(2, "three\n");
  await http.lab.plans(session);
  const events = await reading;
  expect(events.map((one) => [one.event, one.id])).toEqual([
    ["chunk", "1"],
    ["chunk", "2"],
    ["end", "2"],
  ]);
  const resumed = await http.call(`${path}/stream`, { headers: { "last-event-id": "1" } });
  const rest = await readEvents(resumed, () => false);
  expect(rest.map((one) => one.data)).toEqual([{ seq: 2, text: "three\n" }, {}]);
  expect(await (await http.call(`${path}?after=1`)).json()).toEqual({
    chunks: [{ seq: 2, text: "three\n" }],
    nextSeq: 3,
    ended: true,
  });
});

test("output that does not exist is no stream", async () => {
  expect((await http.call("/api/v1/runs/none/output/x%3Adefault/stream")).status).toBe(404);
});

test("a server that stops ends its streams", async () => {
  const reading = readEvents(await http.call("/api/v1/events"), () => false);
  http.app.closeStreams();
  await reading;
});

test("the command line prints all of a long output, and each line once", async () => {
  await http.lab.open(5, ["e/main.tf"]);
  const session = await http.lab.claim();
  const unit = session.run.units[0]?.dirspace;
  if (unit === undefined) throw new Error("the run has no unit");
  for (let seq = 0; seq < 150; seq += 1) {
    await http.lab.engine.runner.appendOutput(session, unit, seq, `line ${seq}\n`);
  }
  vi.stubGlobal("fetch", (input: string | URL) => {
    const { pathname, search } = new URL(input);
    return http.call(pathname + search);
  });
  const env = { TERRANE_SERVER: "http://lab.example", TERRANE_TOKEN: TOKEN };
  const host = { ...cliHost({}), env };
  await runCommand(host).parseAsync(["node", "run", "logs", session.run.runId]);
  vi.unstubAllGlobals();
  expect(host.printed).toEqual(Array.from({ length: 150 }, (_, seq) => `[${unit}] line ${seq}`));
});
