import { expect, test } from "vitest";
import { completeLock, missingOptional } from "./complete-lock.ts";

const lock = {
  lockfileVersion: 3,
  packages: {
    "": {},
    "node_modules/tool": {
      version: "1.2.3",
      dev: true,
      optionalDependencies: {
        "@tool/binding-linux-x64-gnu": "1.2.3",
        "@tool/binding-linux-x64-musl": "1.2.3",
        "@tool/darwin-arm64": "1.2.3",
        "@tool/android-arm-eabi": "1.2.3",
        fsevents: "~2.3.3",
      },
    },
    "node_modules/@tool/binding-linux-x64-gnu": { version: "1.2.3", optional: true },
  },
};

test("an optional package of another platform that the registry did not have is found", () => {
  expect(missingOptional(lock)).toEqual([
    "@tool/binding-linux-x64-musl",
    "@tool/darwin-arm64",
    "@tool/android-arm-eabi",
  ]);
});

test("a completed lock file misses nothing and says where each package runs", () => {
  const completed = completeLock(lock);
  expect(missingOptional(completed)).toEqual([]);
  expect(completed.packages).toMatchObject({
    "node_modules/@tool/binding-linux-x64-musl": { os: ["linux"], cpu: ["x64"], libc: ["musl"] },
    "node_modules/@tool/darwin-arm64": { version: "1.2.3", dev: true, os: ["darwin"] },
    "node_modules/@tool/android-arm-eabi": { os: ["android"], cpu: ["arm"], optional: true },
  });
  expect(completed.lockfileVersion).toBe(3);
});
