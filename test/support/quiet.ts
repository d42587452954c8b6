import type { Log } from "../../src/ports/log.ts";
import type { StoreLog } from "../../src/store/log.ts";

/** For tests that do not look at the log. */
export const quiet: StoreLog = { info() {}, warn() {}, error() {} };

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
