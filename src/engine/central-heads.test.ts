import { expect, test } from "vitest";
import { sha } from "../../test/support/core-world.ts";
import { FakeVcs } from "../../test/support/fake-vcs.ts";
import type { CommitSha } from "../core/ids.ts";
import type { RepositoryRef } from "../ports/vcs.ts";
import { createCentralHeads } from "./central-heads.ts";

const MINUTE = 60_000;

function ref(fullName: string): RepositoryRef {
  return { installation: "1", id: fullName, fullName };
}

function lab() {
  const vcs = new FakeVcs();
  const clock = { now: 0 };
  const heads = createCentralHeads(() => clock.now);
  const asked = () => vcs.calls.filter((call) => call === "sibling").length;
  return {
    vcs,
    clock,
    asked,
    find: (name: string, expected?: readonly CommitSha[]) => heads.find(vcs, ref(name), expected),
  };
}

test("a missing central repository costs one call per owner and minute", async () => {
  const { clock, asked, find } = lab();
  for (const name of ["acme/a", "acme/b", "acme/a"]) {
    expect(await find(name)).toEqual({ kind: "ok", value: undefined });
  }
  expect(asked()).toBe(1);
  await find("other/a");
  expect(asked()).toBe(2);
  clock.now = MINUTE - 1;
  await find("acme/a");
  expect(asked()).toBe(2);
  clock.now = MINUTE;
  await find("acme/a");
  expect(asked()).toBe(3);
});

test("who asks at the same time shares one call", async () => {
  const { asked, find } = lab();
  await Promise.all([find("acme/a"), find("acme/b"), find("acme/c")]);
  expect(asked()).toBe(1);
});

test("the central repository is told with the name of whoever asks", async () => {
  const { vcs, find } = lab();
  vcs.centralCommit = sha(5);
  expect(await find("acme/infra")).toMatchObject({ value: { commit: sha(5), name: "infra" } });
  expect(await find("acme/web")).toMatchObject({ value: { name: "web" } });
});

test("a failure is not remembered", async () => {
  const { vcs, find } = lab();
  vcs.down = true;
  expect((await find("acme/a")).kind).toBe("unavailable");
  vcs.down = false;
  expect((await find("acme/a")).kind).toBe("ok");
});

test("a clock that was set back makes nothing known for longer", async () => {
  const { clock, asked, find } = lab();
  clock.now = 10 * MINUTE;
  await find("acme/a");
  clock.now = 0;
  await find("acme/a");
  expect(asked()).toBe(2);
});

test("S24 who saw another commit than the one that is remembered has it asked anew, and not for each pull request", async () => {
  const { vcs, clock, asked, find } = lab();
  vcs.centralCommit = sha(5);
  await find("acme/a");
  vcs.centralCommit = sha(6);
  clock.now = 1_000;
  expect(await find("acme/a", [sha(5)])).toMatchObject({ value: { commit: sha(5) } });
  expect(await find("acme/a", [sha(6)])).toMatchObject({ value: { commit: sha(6) } });
  expect(await find("acme/b", [sha(6)])).toMatchObject({ value: { commit: sha(6) } });
  expect(await find("acme/c", [sha(5)])).toMatchObject({ value: { commit: sha(6) } });
  expect(asked()).toBe(2);
  clock.now = 3_000;
  // Who decided from an older one is told of the newer.
  expect(await find("acme/c", [sha(5)])).toMatchObject({ value: { commit: sha(6) } });
  expect(asked()).toBe(3);
});

test("S24 all who doubt at the same moment share one call", async () => {
  const { vcs, asked, find } = lab();
  vcs.centralCommit = sha(5);
  await find("acme/a");
  vcs.centralCommit = sha(6);
  const found = await Promise.all(["a", "b", "c"].map((name) => find(`acme/${name}`, [sha(6)])));
  expect(found.map((one) => one.kind === "ok" && one.value?.commit)).toEqual(Array(3).fill(sha(6)));
  expect(asked()).toBe(2);
});
