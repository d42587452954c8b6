import type { AccountId } from "../../../../src/core/ids.ts";
import type { RaisedGate } from "../../../../src/core/run/report.ts";
import type { GrantGhost } from "../ghost.ts";
import { asksInHooks } from "../runner/gates.ts";
import { account } from "../vcs/forge.ts";
import type { World } from "../world.ts";
import type { Of } from "./invariant.ts";
import { mightBeInOps, mightWrite } from "./might.ts";

/** What was asked is what the tools asked, and who passed it is who said so; neither is read from the database. */
export const gatesPassed: Of<"grant"> = {
  id: "S14",
  says: "nothing is applied while a gate of its plan, or of the run that made it, is open or not asked yet",
  when: "grant",
  check: (world, grant) => {
    const { ghost, memory } = world;
    const plan = ghost.plans.get(grant.digest);
    const planRun = plan && memory.tables.runs.get(plan.runId);
    if (plan === undefined || memory.tables.runs.get(grant.runId)?.forced === true)
      return undefined;
    const ofHooks = ghost.hookGates.get(plan.runId);
    if (asksInHooks(planRun?.settings) && ofHooks === undefined) {
      return `${plan.digest} was granted before the hooks of its run had asked`;
    }
    const open = [...plan.gates, ...(ofHooks ?? [])].find((gate) => !isPassed(world, grant, gate));
    return open && `${plan.digest} was granted while ${JSON.stringify(open)} was open`;
  },
};

function isPassed(world: World, grant: GrantGhost, gate: RaisedGate): boolean {
  const { served } = grant;
  if (served === undefined) return false;
  const passers = new Set(
    gate.token === null
      ? served.reviews
          .filter(({ verdict, commit }) => verdict === "approved" && commit === served.headSha)
          .map(({ reviewer }) => reviewer.id)
      : approvedOf(world, served.number, served.headSha, gate.token),
  );
  passers.delete(served.author.id);
  const isOne = (term: string, id: AccountId) =>
    term === "team:ops"
      ? mightBeInOps(world, id, grant)
      : account(term.replace("user:", "")).id === id;
  const people = [...passers];
  if (!gate.allOf.every((term) => people.some((id) => isOne(term, id)))) return false;
  const counted =
    gate.anyOf.length === 0 && gate.allOf.length === 0
      ? people.filter((id) => mightWrite(world, id, grant))
      : people.filter((id) => gate.anyOf.some((term) => isOne(term, id)));
  return counted.length >= gate.anyOfCount;
}

/** Who said so in words of their own, and for this commit as far as the words were heard. */
function approvedOf(
  { forge, memory }: World,
  number: number,
  headSha: string,
  token: string,
): readonly AccountId[] {
  const row = [...memory.tables.pullRequests.values()].find((one) => one.number === number);
  const heard = (row?.gateApprovals ?? []).filter(
    (one) => one.headSha === headSha && one.token === token,
  );
  return heard
    .filter(({ by }) =>
      forge.words.some(
        (one) => one.number === number && one.by === by.id && one.text.split(" ").includes(token),
      ),
    )
    .map(({ by }) => by.id);
}
