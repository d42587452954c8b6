import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { redeliverMissed } from "../../src/engine/redeliver.ts";
import type { DeliveryLog, MissedDelivery } from "../../src/ports/vcs.ts";
import { fleetStore } from "../../src/store/engine/fleet.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";
import { quiet } from "../support/quiet.ts";

let lab: EngineLab;
const FILES = ["net/main.tf"];

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

/** A log of the VCS that notes what it is asked for. */
function deliveryLog(missed: DeliveryLog["missed"]): DeliveryLog & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    kind: "fake",
    asked,
    missed,
    async redeliver(id) {
      asked.push(id);
      return { kind: "ok", value: undefined };
    },
  };
}

function missedOne(id: number | string, urgent = true): MissedDelivery {
  return { id: `${id}`, guid: `${urgent}-${id}`, deliveredAtMs: Date.now(), urgent };
}

async function minutePasses(): Promise<void> {
  const passes = sql`update duty set taken_at = taken_at - interval '61 seconds'`;
  await passes.execute(lab.database.statements);
}

test("S21 what the VCS could not hand over is asked for again, by one server, and once", async () => {
  const fleet = fleetStore(lab.database);
  await lab.open(1, FILES);
  await lab.hear(1, { kind: "review", number: 1 }, "late-answer");
  const log = deliveryLog(async () => ({
    kind: "ok",
    value: { deliveries: [{ ...missedOne(1), guid: "late-answer" }, missedOne(2)] },
  }));
  const all = await Promise.all([1, 2, 3].map(() => redeliverMissed(log, { fleet, log: quiet })));
  expect(log.asked).toEqual(["2"]);
  expect(all.toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  await minutePasses();
  expect(await redeliverMissed(log, { fleet, log: quiet })).toBe(0);
});

test("S21 of what was missed commands are asked for first, and what is left a minute later", async () => {
  const fleet = fleetStore(lab.database);
  const ids = Array.from({ length: 60 }, (_, n) => n);
  const pushes = ids.map((n) => missedOne(`push-${n}`, false));
  const command = missedOne("command");
  let deliveries: readonly MissedDelivery[] = [...pushes, command];
  const log = deliveryLog(async () => ({ kind: "ok", value: { deliveries } }));
  expect(await redeliverMissed(log, { fleet, log: quiet })).toBe(60);
  expect(log.asked).toEqual(["command", ...ids.slice(0, 59).map((n) => `push-${n}`)]);
  deliveries = pushes.slice(59);
  await minutePasses();
  expect(await redeliverMissed(log, { fleet, log: quiet })).toBe(1);
  expect(log.asked.at(-1)).toBe("push-59");
});

test("S21 a log that one look cannot read is read on from where it ended, down to the last", async () => {
  const fleet = fleetStore(lab.database);
  const looked: (string | undefined)[] = [];
  const sinces: number[] = [];
  let refused = false;
  const log = deliveryLog(async ({ sinceMs, from }) => {
    looked.push(from);
    sinces.push(sinceMs);
    if (from === "v1_2" && !refused) {
      refused = true;
      return { kind: "rejected", message: "This cursor is not ours." };
    }
    const page = Number(from?.slice(3) ?? 0);
    const next = page < 3 ? { next: `v1_${page + 1}` } : {};
    return { kind: "ok", value: { deliveries: [missedOne(page)], ...next } };
  });
  const errors: string[] = [];
  const noted = { ...quiet, error: (_: object, message: string) => errors.push(message) };
  const began = Date.now();
  for (let look = 0; look < 8; look++) {
    await redeliverMissed(log, { fleet, log: noted });
    await minutePasses();
  }
  const round = [undefined, "v1_1", "v1_2", "v1_3"];
  expect(looked).toEqual([undefined, "v1_1", "v1_2", ...round, undefined]);
  expect(errors).toHaveLength(1);
  // Three days back, until all of it was read; then from where that reading began.
  for (const since of sinces.slice(0, -1)) expect(began - since).toBeGreaterThan(2 * 86_400_000);
  expect(began - (sinces.at(-1) ?? 0)).toBeLessThan(900_000);
});
