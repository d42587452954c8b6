import { afterEach, expect, test, vi } from "vitest";
import { simulate } from "./simulate.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a simulation whose processes cannot even begin is no simulation without violations", async () => {
  vi.stubEnv("NODE_OPTIONS", "--require ./there-is-no-such-file.cjs");
  const all = { first: 1, seeds: 10, size: undefined, workers: 1, shrink: false, trace: false };
  await expect(simulate({ ...all, say: () => {} })).rejects.toThrow("ended with 1");
});
