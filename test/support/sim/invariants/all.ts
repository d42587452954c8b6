import { acknowledgedIsStored } from "./acknowledged-is-stored.ts";
import { actorMay } from "./actor-may.ts";
import { appliedOnce } from "./applied-once.ts";
import { approvedNow } from "./approved-now.ts";
import { bytesAreBound } from "./bytes-are-bound.ts";
import { cancelledGetsNothing } from "./cancelled-gets-nothing.ts";
import { capsHold } from "./caps-hold.ts";
import { checksEnd } from "./checks-end.ts";
import { claimStays } from "./claim-stays.ts";
import { closedGetsNothing } from "./closed-gets-nothing.ts";
import { commentTellsTruth } from "./comment-tells-truth.ts";
import { converges } from "./converges.ts";
import { decidedWithoutBugs } from "./decided-without-bugs.ts";
import { deterministic } from "./deterministic.ts";
import { duplicatesAreNothing } from "./duplicates-are-nothing.ts";
import { endedStaysEnded } from "./ended-stays-ended.ts";
import { eventsEnd } from "./events-end.ts";
import { fencesGrow } from "./fences-grow.ts";
import { firstClaimWins } from "./first-claim-wins.ts";
import { freshBase } from "./fresh-base.ts";
import { freshInfrastructure } from "./fresh-infrastructure.ts";
import { gatesPassed } from "./gates-passed.ts";
import { grantUsedOnce } from "./grant-used-once.ts";
import { grantedInOrder } from "./granted-in-order.ts";
import type { Invariant } from "./invariant.ts";
import { lateResultsKept } from "./late-results-kept.ts";
import { locksAreHonoured } from "./locks-are-honoured.ts";
import { locksFollowHistory } from "./locks-follow-history.ts";
import { mergesWhatIsApplied } from "./merges-what-is-applied.ts";
import { neverBehindOneself } from "./never-behind-oneself.ts";
import { newestPlan } from "./newest-plan.ts";
import { noRunForForks } from "./no-run-for-forks.ts";
import { noWedgedLock } from "./no-wedged-lock.ts";
import { oldPlansEnd } from "./old-plans-end.ts";
import { oneApply } from "./one-apply.ts";
import { oneEffect } from "./one-effect.ts";
import { partialAppliesPoison } from "./partial-applies-poison.ts";
import { plansBesideApplies } from "./plans-beside-applies.ts";
import { recordedReason } from "./recorded-reason.ts";
import { reportsCarryFence } from "./reports-carry-fence.ts";
import { resultsAreTold } from "./results-are-told.ts";
import { runsEnd } from "./runs-end.ts";
import { seenPlans } from "./seen-plans.ts";
import { silenceFreesNothing } from "./silence-frees-nothing.ts";
import { staleObservationsLose } from "./stale-observations-lose.ts";
import { startedOnce } from "./started-once.ts";
import { unlockIsNoKill } from "./unlock-is-no-kill.ts";

/** In the order of their numbers. S29 is asked by `outside.ts` with every call. */
export const INVARIANTS: readonly Invariant[] = [
  oneApply,
  fencesGrow,
  reportsCarryFence,
  silenceFreesNothing,
  unlockIsNoKill,
  grantUsedOnce,
  appliedOnce,
  plansBesideApplies,
  locksFollowHistory,
  locksAreHonoured,
  grantedInOrder,
  capsHold,
  newestPlan,
  oldPlansEnd,
  seenPlans,
  mergesWhatIsApplied,
  freshInfrastructure,
  freshBase,
  bytesAreBound,
  partialAppliesPoison,
  approvedNow,
  gatesPassed,
  actorMay,
  noRunForForks,
  recordedReason,
  cancelledGetsNothing,
  closedGetsNothing,
  acknowledgedIsStored,
  duplicatesAreNothing,
  converges,
  staleObservationsLose,
  oneEffect,
  startedOnce,
  claimStays,
  firstClaimWins,
  lateResultsKept,
  endedStaysEnded,
  deterministic,
  eventsEnd,
  decidedWithoutBugs,
  noWedgedLock,
  runsEnd,
  neverBehindOneself,
  commentTellsTruth,
  resultsAreTold,
  checksEnd,
];
