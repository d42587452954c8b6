import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { LISTED_MAX } from "../../base/listed-max.ts";
import type { LockView } from "../../contract/views.ts";
import type { Api } from "../api.ts";
import type { Host } from "../host.ts";
import { plain, table } from "../print.ts";
import { connect, type RemoteOptions, remoteCommand } from "./remote.ts";

const FOLLOW_MS = 500;

export function runCommand(host: Host): Command {
  const run = new Command("run").description("plan and apply runs");
  run.addCommand(
    remoteCommand(host, "list", "the latest runs").action(async (options: RemoteOptions) => {
      const all = await (await connect(host, options))("runs", {});
      if (options.json === true) return host.out(JSON.stringify(all));
      const rows = all.map((one) => [
        one.id,
        one.kind,
        `#${one.pullRequest}`,
        one.outcome ?? one.standing,
        `${one.unitsEnded}/${one.units}`,
      ]);
      host.out(table(["run", "kind", "pull request", "state", "dirspaces"], rows));
      if (all.length >= LISTED_MAX.runs) {
        host.err(
          `The latest ${all.length} are listed. Older ones are on the page of their pull request.`,
        );
      }
    }),
  );
  run.addCommand(
    remoteCommand(host, "logs", "output of a run")
      .argument("<run>")
      .option("--follow", "wait for more until the run has ended")
      .action(async (id: string, options: RemoteOptions & { follow?: boolean }) => {
        const api = await connect(host, options);
        await logs(host, api, id, options.follow === true);
      }),
  );
  return run;
}

async function logs(host: Host, api: Api, id: string, follow: boolean): Promise<void> {
  const shown = new Map<string, number>();
  for (;;) {
    const run = await api("run", { run: id });
    for (const unit of run.unitList) {
      shown.set(unit.key, await more(host, api, { run: id, unit: unit.key }, shown.get(unit.key)));
    }
    if (!follow || run.state === "ended") return;
    await sleep(FOLLOW_MS);
  }
}

/** All that came since, in as many answers as it takes. Gives where the next one begins. */
async function more(
  host: Host,
  api: Api,
  of: { readonly run: string; readonly unit: string },
  from = 0,
): Promise<number> {
  for (let next = from; ; ) {
    const output = await api("output", { ...of, ...(next === 0 ? {} : { after: next - 1 }) });
    for (const { text } of output.chunks) {
      host.out(`[${plain(of.unit)}] ${plain(text).trimEnd()}`);
    }
    if (output.chunks.length === 0) return next;
    next = output.nextSeq;
  }
}

const BECAUSE: Readonly<Record<LockView["because"], string>> = {
  applied: "applied, not merged",
  merged: "merged, not applied",
  turn: "turn of the first",
  waits: "the first waits",
};

/** Where nobody holds it, whoever goes first waits as well. */
function lineOf({ because, pullRequest, waiting }: LockView): readonly number[] {
  return because === "turn" || because === "waits" ? [pullRequest, ...waiting] : waiting;
}

export function locksCommand(host: Host): Command {
  return remoteCommand(host, "locks", "who holds what, since when and why, and who waits").action(
    async (options: RemoteOptions) => {
      const all = await (await connect(host, options))("locks", {});
      if (options.json === true) return host.out(JSON.stringify(all));
      if (all.length === 0) return host.out("Nothing is locked, and nobody waits.");
      const rows = all.map((one) => [
        `${plain(one.dir)}:${one.workspace}`,
        one.because === "turn" || one.because === "waits" ? "nobody" : `#${one.pullRequest}`,
        BECAUSE[one.because],
        one.since,
        lineOf(one)
          .map((waiting) => `#${waiting}`)
          .join(" "),
      ]);
      host.out(table(["dirspace", "held by", "because", "since", "waiting"], rows));
    },
  );
}
