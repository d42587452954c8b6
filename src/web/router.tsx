import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { LocksPage } from "./pages/locks-page.tsx";
import { NotFoundPage } from "./pages/not-found-page.tsx";
import { PullsPage } from "./pages/pulls-page.tsx";
import { RunsPage } from "./pages/runs-page.tsx";
import { BrokenPage, Shell } from "./parts/shell.tsx";
import {
  configurationSearch,
  connectedSearch,
  newSearch,
  pullSearch,
  pullsSearch,
  runSearch,
  runsSearch,
  textSearch,
} from "./search.ts";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: BrokenPage,
});

const getParentRoute = () => root;

const pulls = createRoute({
  getParentRoute,
  path: "/",
  validateSearch: pullsSearch,
  component: PullsPage,
});
const open = createRoute({
  getParentRoute,
  path: "/new",
  validateSearch: newSearch,
  component: lazyRouteComponent(() => import("./pages/new-page.tsx"), "NewPage"),
});
const pull = createRoute({
  getParentRoute,
  path: "/repositories/$repository/pulls/$number",
  validateSearch: pullSearch,
  component: lazyRouteComponent(() => import("./pages/pull/pull-page.tsx"), "PullPage"),
});
const runs = createRoute({
  getParentRoute,
  path: "/runs",
  validateSearch: runsSearch,
  component: RunsPage,
});
const run = createRoute({
  getParentRoute,
  path: "/runs/$run",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("./pages/run/run-page.tsx"), "RunPage"),
});
const locks = createRoute({
  getParentRoute,
  path: "/locks",
  validateSearch: textSearch,
  component: LocksPage,
});
const attention = createRoute({
  getParentRoute,
  path: "/attention",
  component: lazyRouteComponent(() => import("./pages/attention-page.tsx"), "AttentionPage"),
});
const budget = createRoute({
  getParentRoute,
  path: "/budget",
  component: lazyRouteComponent(() => import("./pages/budget/budget-page.tsx"), "BudgetPage"),
});
const connect = createRoute({
  getParentRoute,
  path: "/connect",
  component: lazyRouteComponent(() => import("./pages/apps/connect-page.tsx"), "ConnectPage"),
});
const connected = createRoute({
  getParentRoute,
  path: "/apps/connected",
  validateSearch: connectedSearch,
  component: lazyRouteComponent(() => import("./pages/apps/connected-page.tsx"), "ConnectedPage"),
});
const app = createRoute({
  getParentRoute,
  path: "/apps/$app",
  component: lazyRouteComponent(() => import("./pages/apps/app-page.tsx"), "AppPage"),
});
const setup = createRoute({
  getParentRoute,
  path: "/repositories/$repository/setup",
  component: lazyRouteComponent(() => import("./pages/setup/setup-page.tsx"), "SetupPage"),
});
/** Leads on to a repository's. */
const anyConfiguration = createRoute({
  getParentRoute,
  path: "/configuration",
  component: lazyRouteComponent(
    () => import("./pages/configuration/choose-page.tsx"),
    "ChooseConfigurationPage",
  ),
});
const configuration = createRoute({
  getParentRoute,
  path: "/repositories/$repository/configuration",
  validateSearch: configurationSearch,
  component: lazyRouteComponent(
    () => import("./pages/configuration/configuration-page.tsx"),
    "ConfigurationPage",
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    pulls,
    open,
    pull,
    runs,
    run,
    locks,
    attention,
    budget,
    connect,
    connected,
    app,
    anyConfiguration,
    configuration,
    setup,
  ]),
  defaultPreload: "intent",
  // Only code is loaded early; data comes through the query cache.
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
