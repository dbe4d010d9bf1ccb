/** Every address of the page: one row a screen, each loaded when it is first opened. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { texts } from "../lib/search";
import { requireSession, spendLink } from "./entrance";
import { NoSuchPage, PagePending, PageTrouble } from "./fallbacks";
import { Root } from "./root";
import { Shell } from "./shell/shell";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Root, beforeLoad: spendLink });
const outside = { getParentRoute: () => root };
const shell = createRoute({ ...outside, id: "shell", component: Shell, beforeLoad: requireSession });
const inside = { getParentRoute: () => shell };

const routes = root.addChildren([
  createRoute({
    ...outside,
    path: "/welcome",
    component: lazyRouteComponent(() => import("../welcome/welcome-screen"), "WelcomeScreen"),
  }),
  createRoute({
    ...outside,
    path: "/login",
    validateSearch: texts("next"),
    component: lazyRouteComponent(() => import("../login/login-screen"), "LoginScreen"),
  }),
  shell.addChildren([
    createRoute({ ...inside, path: "/", beforeLoad: () => redirect({ to: "/overview", throw: true }) }),
    createRoute({
      ...inside,
      path: "/overview",
      component: lazyRouteComponent(() => import("../overview/overview-screen"), "OverviewScreen"),
    }),
    createRoute({
      ...inside,
      path: "/research",
      component: lazyRouteComponent(() => import("../research/research-screen"), "ResearchScreen"),
    }),
    createRoute({
      ...inside,
      path: "/research/new",
      validateSearch: texts("goal", "symbol"),
      component: lazyRouteComponent(() => import("../research/new-session-screen"), "NewSessionScreen"),
    }),
    createRoute({
      ...inside,
      path: "/research/$session",
      validateSearch: texts("step", "view", "evidence"),
      component: lazyRouteComponent(() => import("../research/session-screen"), "SessionScreen"),
    }),
    createRoute({
      ...inside,
      path: "/approvals",
      component: lazyRouteComponent(() => import("../approvals/approvals-screen"), "ApprovalsScreen"),
    }),
    createRoute({
      ...inside,
      path: "/approvals/$version",
      validateSearch: texts("series", "session"),
      component: lazyRouteComponent(() => import("../approvals/approval-screen"), "ApprovalScreen"),
    }),
    createRoute({
      ...inside,
      path: "/backtests",
      component: lazyRouteComponent(() => import("../backtests/backtests-screen"), "BacktestsScreen"),
    }),
    createRoute({
      ...inside,
      path: "/backtests/$backtest",
      validateSearch: texts("tab"),
      component: lazyRouteComponent(() => import("../backtests/backtest-screen"), "BacktestScreen"),
    }),
    createRoute({
      ...inside,
      path: "/strategies",
      component: lazyRouteComponent(() => import("../strategies/strategies-screen"), "StrategiesScreen"),
    }),
    createRoute({
      ...inside,
      path: "/strategies/$strategy",
      validateSearch: texts("version"),
      component: lazyRouteComponent(() => import("../strategies/strategy-screen"), "StrategyScreen"),
    }),
    createRoute({
      ...inside,
      path: "/trading",
      component: lazyRouteComponent(() => import("../trading/trading-screen"), "TradingScreen"),
    }),
    createRoute({
      ...inside,
      path: "/trading/$deployment",
      validateSearch: texts("tab"),
      component: lazyRouteComponent(() => import("../trading/deployment-screen"), "DeploymentScreen"),
    }),
    createRoute({
      ...inside,
      path: "/pnl",
      validateSearch: texts("strategy", "asset", "figure"),
      component: lazyRouteComponent(() => import("../pnl/pnl-screen"), "PnlScreen"),
    }),
    createRoute({
      ...inside,
      path: "/data",
      validateSearch: texts("series", "range"),
      component: lazyRouteComponent(() => import("../data/data-screen"), "DataScreen"),
    }),
    createRoute({
      ...inside,
      path: "/ai/models",
      component: lazyRouteComponent(() => import("../models/models-screen"), "ModelsScreen"),
    }),
    createRoute({
      ...inside,
      path: "/status",
      component: lazyRouteComponent(() => import("../status/status-screen"), "StatusScreen"),
    }),
    createRoute({
      ...inside,
      path: "/settings",
      validateSearch: texts("tab"),
      component: lazyRouteComponent(() => import("../settings/settings-screen"), "SettingsScreen"),
    }),
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageTrouble,
    defaultNotFoundComponent: NoSuchPage,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
