import type { Handlers } from "../api.ts";
import type { Services } from "../services.ts";
import { installationViews } from "../view/budget.ts";
import { iso } from "../view/words.ts";

export function budgetHandlers({ budgets, backlogs, now }: Services): Pick<Handlers, "budget"> {
  return {
    async budget() {
      const limited = budgets().map(({ vcs }) => vcs);
      const stored = limited.length === 0 ? [] : await backlogs.installations(limited);
      const at = now();
      return {
        readAt: iso(at),
        limited,
        installations: installationViews(budgets(), stored, at),
      };
    },
  };
}
