import type { Case } from "../../core/case/case.ts";
import { runCase, wholeOutcome } from "../../core/case/run-cases.ts";
import { type Snapshots, snapshotChanges } from "../../core/case/snapshot.ts";
import type { Host } from "../host.ts";
import { type CaseOptions, type Found, type FoundFile, findCases } from "./case-files.ts";
import type { Result, TestedFile } from "./case-result.ts";
import { readSnapshots, writeSnapshots } from "./case-snapshot.ts";
import { type Mutation, mutate } from "./mutate.ts";
import { printResults } from "./print-cases.ts";
import { isError } from "./shown.ts";

export interface TestOptions extends CaseOptions {
  readonly json?: boolean;
  readonly update?: boolean;
  readonly mutate?: boolean;
}

/** `terrane config test`: gives the exit status. */
export async function testCases(
  host: Host,
  named: readonly string[],
  options: TestOptions,
): Promise<0 | 1> {
  const found = await findCases(host, named, options);
  const files: TestedFile[] = [];
  const written = new Map<FoundFile, Snapshots>();
  for (const one of found.files) {
    const before = await readSnapshots(host, one.path);
    const after = options.update === true ? updated(one, before) : before;
    const writes = options.update === true && after.size + before.size > 0;
    if (writes) await writeSnapshots(host, one.path, after);
    written.set(one, after);
    files.push({ file: one.path, cases: one.file.cases.map((item) => result(one, item, after)) });
  }
  const passed = files.every((file) => file.cases.every(({ ok }) => ok));
  const holds = passed && !found.diagnostics.some(isError);
  // Without cases that hold there is nothing that could notice anything.
  const mutation = options.mutate === true && holds ? mutated(host, found, written) : undefined;
  const ok = holds && (mutation?.unnoticed.length ?? 0) === 0;
  if (options.json === true) {
    host.out(JSON.stringify({ ok, files, diagnostics: found.diagnostics, ...asJson(mutation) }));
  } else {
    printResults(host, { files, found, mutation });
    if (options.mutate === true && !holds)
      host.out("No rule was dropped: every case has to hold first.");
  }
  return ok ? 0 : 1;
}

function asJson(mutation: Mutation | undefined): { readonly mutation?: Mutation } {
  return mutation === undefined ? {} : { mutation };
}

/** A case that says what it expects needs no snapshot. */
function updated({ file, repository }: FoundFile, before: Snapshots): Snapshots {
  const names = file.cases.filter((one) => saysNothing(one) || before.has(one.name));
  return new Map(names.map((one) => [one.name, wholeOutcome(repository, file, one)]));
}

function saysNothing({ expect }: Case): boolean {
  return Object.keys(expect).length === 0;
}

function result({ file, repository }: FoundFile, one: Case, snapshots: Snapshots): Result {
  const { name, line } = one;
  const before = snapshots.get(name);
  const changed =
    before === undefined ? [] : snapshotChanges(before, wholeOutcome(repository, file, one));
  const untold =
    before === undefined && saysNothing(one)
      ? [{ key: "expect", expected: "something", got: "nothing; --update takes a snapshot" }]
      : [];
  const mismatches = [...runCase(repository, file, one), ...changed, ...untold];
  return { name, line, ok: mismatches.length === 0, mismatches };
}

function mutated(host: Host, found: Found, snapshots: ReadonlyMap<FoundFile, Snapshots>): Mutation {
  const cases = found.files.flatMap((one) => {
    const taken = snapshots.get(one) ?? new Map();
    return one.file.cases.map((item) => (config: string) => {
      const repository = { ...one.repository, config };
      return result({ ...one, repository }, item, taken).ok;
    });
  });
  return mutate(host, found, cases);
}
