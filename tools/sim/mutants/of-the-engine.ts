import type { Mutant } from "./mutant.ts";
import { simulated } from "./of-decisions.ts";

/** Bugs between the decisions and the world: `src/engine`, and what the simulated database promises. */
export const OF_THE_ENGINE: readonly Mutant[] = [
  simulated("acknowledged before it is stored", "src/engine/receive.ts", [
    "  return ports.store.intake(intake);",
    '  void ports.store.intake(intake).catch(() => undefined);\n  return "stored";',
  ]),
  simulated("an effect is done before it is performed", "src/engine/perform.ts", [
    "    failure = await act(pending, ports);",
    "    await ports.store.effectDone(key, pending.wanted);\n    failure = await act(pending, ports);",
  ]),
  simulated("an outage is a refusal", "src/engine/perform.ts", [
    "const final = isFinal(failure, pending);",
    "const final = failure.kind !== undefined && pending !== undefined;",
  ]),
  simulated("what a newer comment replaces stays where it is", "src/engine/publish-results.ts", [
    "for (const comment of outdate) {",
    "for (const comment of outdate.slice(1)) {",
  ]),
  simulated(
    "what is still current goes with the comment that said it",
    "src/engine/publish-results.ts",
    [
      "await ports.store.results(id, resultsOf(comment));",
      "await ports.store.results(id, comment.own);",
    ],
  ),
  simulated("a started job is started again", "src/engine/perform.ts", [
    "if (attempt === undefined || attempt.started) return undefined;",
    "if (attempt === undefined) return undefined;",
  ]),
  simulated("a job that cannot start leaves its run open", "src/engine/perform.ts", [
    'const how = { kind: "never_started", message: started.message } as const;\n  await ports.store.endAttempt(effect.attemptId, newEventId(ports), how);',
    "",
  ]),
  // Left out alone there would be nothing to grant with; who forgets the answer takes what is stored.
  {
    name: "grants are given whatever the forge says",
    by: "simulation",
    edits: [
      {
        file: "src/engine/runner-door.ts",
        find: 'if (live.kind !== "passed") return live;',
        replace:
          'if (live.kind === "unavailable") return live;\n  const told = await ports.store.reported(session.run.pullRequest.id);\n  const stored = { view: told!.snapshot.pullRequest.view!, approvedBy: [], forced: false, autoApproved: false };',
      },
      {
        file: "src/engine/runner-door.ts",
        find: "const { view, approvedBy, forced, autoApproved } = live;",
        replace:
          'const { view, approvedBy, forced, autoApproved } = live.kind === "passed" ? live : stored;',
      },
    ],
  },
  simulated("live check: the approvals are those that webhooks told of", "src/engine/live.ts", [
    "const facts = new Map<string, Answer>();",
    "const facts = new Map<string, Answer>([[questionKey({ kind: 'pull_request' }), { kind: 'pull_request', view: snapshot.pullRequest.view }]]);",
  ]),
  // Whatever is observed has everything else that waits asked again: that is left out with it.
  {
    name: "an older observation comes after a newer one",
    by: "simulation",
    edits: [
      {
        file: "test/support/memory-store/turn.ts",
        find: "dropAnswers: (event) => db.transaction(() => dropFacts(db, event)),",
        replace: "dropAnswers: async () => {},",
      },
      {
        file: "test/support/memory-store/turn.ts",
        find: "dropOlderAnswers(db, pullRequest.id);",
        replace: "",
      },
    ],
  },
  simulated("a bug is tried for ever", "src/engine/advance.ts", [
    "const pauseMs = BUG_PAUSES_MS[attempts];",
    "const pauseMs = BUG_PAUSES_MS[0];",
  ]),
  simulated("silent jobs are not looked at", "src/engine/watch.ts", [
    "const quiet = await ports.store.takeQuietAttempts(QUIET_MS);",
    "const quiet = (await ports.store.takeQuietAttempts(QUIET_MS)).slice(0, 0);",
  ]),
  simulated("no fence is compared", "test/support/memory-store/work.ts", [
    "if (fence !== undefined && fence !== row.fence) {",
    "if (fence !== undefined && fence < 0) {",
  ]),
  simulated("the last claim wins", "test/support/memory-store/sessions.ts", [
    'if (!isFree && !again) return { kind: "already_claimed" };',
    "",
  ]),
  // The table of moves refuses it as well, so it is in there too.
  {
    name: "a result can be changed afterwards",
    by: "simulation",
    edits: [
      {
        file: "test/support/memory-store/work.ts",
        find: "if (hasEnded(row.state)) {",
        replace: 'if (hasEnded(row.state) && row.state !== "applied") {',
      },
      { file: "src/core/run/work.ts", find: "  applied: [],", replace: '  applied: ["failed"],' },
    ],
  },
  simulated("a plan made beside an apply is fresh", "test/support/memory-store/create-run.ts", [
    "(db.tables.applying.one(row.id) === undefined ? 0 : 1)",
    "0",
  ]),
  simulated("deliveries are not remembered", "test/support/memory-store/intake.ts", [
    'if (deliveries.get(delivery) !== undefined) return "duplicate";',
    "",
  ]),
  simulated("neighbours are not told", "test/support/memory-store/neighbours.ts", [
    "others.add(pullRequestId);",
    "void 0;",
  ]),
  simulated("nothing wakes what was forgotten", "test/support/memory-store/sweep.ts", [
    "if ((notBefore ?? receivedAt) < before) overdue.add(pullRequestId);",
    "",
  ]),
];
