import { type Part, runPart } from "./part.ts";
import type { FromWorker } from "./simulate.ts";

const send = (message: FromWorker) => process.send?.(message);

process.on("message", (part: Part) => {
  void runPart(part).then((result) => send({ kind: "done", result }));
});
send({ kind: "ready" });
