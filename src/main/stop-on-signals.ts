import type { Stop } from "../runner/stop.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal ends gracefully, the second one only waits until tools have saved what they can. Returns how to stop listening. */
export function stopOnSignals(stop: Stop, reason: string): () => void {
  const listen = (signal: NodeJS.Signals): void => {
    if (stop.reason !== undefined) {
      stop.force();
      return;
    }
    // A terminal interrupts the whole group, the tools included.
    stop.request(`${reason} (${signal}).`, signal === "SIGINT" && process.stdin.isTTY);
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listen);
  };
}
