import type { Command } from "commander";
import type { AllowanceView, BudgetView, InstallationBudgetView } from "../../contract/budget.ts";
import type { Host } from "../host.ts";
import { paint, plain, table } from "../print.ts";
import { connect, type RemoteOptions, remoteCommand } from "./remote.ts";

const NOTES = `
A VCS limits what it may be asked, for each installation. Before a limit is reached, what matters less is put off, so that
something is left for permissions to apply, for starting and stopping jobs and for merging: reactions stop first, then
comments, then checks, then looking. What is counted by this server is only what this server did.

Examples:
  terrane budget
  terrane budget --json | jq '.installations[].allowances[] | {title, left, limit}'`;

export function budgetCommand(host: Host): Command {
  return remoteCommand(host, "budget", "what is left of what a VCS lets us ask; what waits for it")
    .addHelpText("after", NOTES)
    .action(async (options: RemoteOptions) => {
      const budget = await (await connect(host, options))("budget", {});
      host.out(options.json === true ? JSON.stringify(budget) : said(host, budget));
    });
}

function said(host: Host, { readAt, limited, installations }: BudgetView): string {
  if (limited.length === 0) return "Nothing that this server is connected to limits it.";
  if (installations.length === 0) return `Nothing was asked of ${limited.join(", ")} yet.`;
  return installations.map((one) => ofInstallation(host, one, readAt)).join("\n\n");
}

function ofInstallation(host: Host, one: InstallationBudgetView, readAt: string): string {
  const { vcs, installation, owner, repositories, calls, allowances, waiting } = one;
  const name = plain(owner ?? `installation ${installation}`);
  const lines = [
    `${paint(host, "bold", name)} on ${vcs}, installation ${installation}, repositories: ${repositories}`,
    ...(one.closedUntil === null
      ? []
      : [paint(host, "red", `${vcs} wants to hear nothing for ${wait(one.closedUntil, readAt)}.`)]),
    allowances.length === 0
      ? "This server has asked nothing for it yet."
      : table(
          ["limit", "used", "left", "of", "all again", "held back", "counted by"],
          allowances.map((its) => row(its, vcs, readAt)),
        ),
    `calls: ${calls.running} running, ${calls.waiting} waiting, ${calls.putOff} put off since this server started`,
    ...waiting.map(
      ({ what, count, rests, nextAt }) =>
        `waits: ${count} ${what}, ${rests ? "for more to show, " : ""}the next ${next(nextAt, readAt)}`,
    ),
  ];
  return lines.join("\n");
}

function row(one: AllowanceView, vcs: string, readAt: string): readonly string[] {
  const putOff = one.heldBack.filter(({ until }) => until !== null).map(({ from }) => from);
  const last = one.heldBack.at(-1);
  const held = last === undefined ? "0" : String(last.amount);
  return [
    one.title,
    String(one.used),
    String(one.left),
    String(one.limit),
    one.resetsAt === null ? "now" : `in ${wait(one.resetsAt, readAt)}`,
    putOff.length === 0 ? held : `${held}, waiting: ${putOff.join(", ")}`,
    one.said === "forge" ? vcs : "this server",
  ];
}

/** Both times are the server's. */
function wait(until: string, readAt: string): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - Date.parse(readAt)) / 1_000));
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

function next(at: string, readAt: string): string {
  return Date.parse(at) <= Date.parse(readAt) ? "now" : `in ${wait(at, readAt)}`;
}
