import { expect, test } from "vitest";
import type { Client } from "./client.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { Stop } from "./stop.ts";

type Reply = Awaited<ReturnType<Client["heartbeat"]>>;

async function beats(reply: Reply, applying: boolean): Promise<string | undefined> {
  const stop = new Stop();
  const end = startHeartbeat(
    { heartbeat: () => Promise.resolve(reply) },
    { running: () => [], applying: () => applying },
    stop,
    { everyMs: 2, contactLostMs: 20 },
  );
  await new Promise((done) => setTimeout(done, 80));
  end();
  return stop.reason;
}

test.each<[string, Reply, boolean, string | undefined]>([
  ["all is well", { kind: "ok", value: { cancel: false } }, false, undefined],
  ["cancelled", { kind: "ok", value: { cancel: true } }, false, "The run was cancelled."],
  ["over", { kind: "gone", message: "" }, false, "The server says that this run is over."],
  [
    "over while applying",
    { kind: "gone", message: "" },
    true,
    "The server says that this run is over.",
  ],
  ["lost while applying", { kind: "unreachable", message: "" }, true, undefined],
])("%s", async (_name, reply, applying, reason) => {
  expect(await beats(reply, applying)).toBe(reason);
});

test("contact lost for too long stops what is not an apply", async () => {
  expect(await beats({ kind: "unreachable", message: "" }, false)).toContain(
    "could not be reached",
  );
});
