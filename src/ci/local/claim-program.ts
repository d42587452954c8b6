/**
 * Runs inside the job's process before the runner does (`node --require`). Linking a finished file
 * succeeds for one process only, so of two that were started for one attempt one goes on; the
 * server may crash, restart or start the attempt again at any moment. The same link, made by the
 * server with process number 0, ends an attempt that never started.
 */
export const CLAIM_PROGRAM = `"use strict";
const fs = require("node:fs");
const path = require("node:path");
const directory = process.env.TERRANE_CI_DIR;
// Children must not believe that they were started as a job.
delete process.env.TERRANE_CI_DIR;

function read(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}

const stat = read(() => fs.readFileSync("/proc/self/stat", "utf8")) ?? "";
const claim = {
  pid: process.pid,
  start: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19],
  boot: read(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
  namespace: read(() => fs.readlinkSync("/proc/self/ns/pid")),
};
const draft = path.join(directory, "claim." + process.pid + ".draft");
fs.writeFileSync(draft, JSON.stringify(claim), { mode: 0o600 });
try {
  fs.linkSync(draft, path.join(directory, "claim"));
} catch (error) {
  if (error.code !== "EEXIST") throw error;
  process.exit(0);
} finally {
  fs.unlinkSync(draft);
}
process.on("exit", (code) => {
  fs.writeFileSync(path.join(directory, "exit"), String(code), { mode: 0o600 });
});
`;
