import { type Part, runPart } from "./part.ts";
import type { FromWorker } from "./simulate.ts";

const send = (message: FromWorker) => process.send?.(message);

// An interrupt from the terminal goes to everybody; whoever started us decides what becomes of it.
process.on("SIGINT", () => {});
process.on("message", (part: Part) => {
  void runPart(part).then((result) => send({ kind: "done", result }));
});
send({ kind: "ready" });
