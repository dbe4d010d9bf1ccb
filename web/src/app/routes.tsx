/** Every address of the page: one row a screen, each loaded when it is first opened. */

import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter } from "@tanstack/react-router";
import { texts } from "../lib/search";
import { goHome } from "./entrance";
import { NoSuchPage, PagePending, PageTrouble } from "./fallbacks";
import { inside, outside, root, shell } from "./frame";
import { screen } from "./screen";

// Rows stand alone: inside the list below TypeScript would forget their addresses.
const welcome = createRoute({
  ...outside,
  path: "/welcome",
  validateSearch: texts("step"),
  component: screen(() => import("../welcome/welcome-screen"), "WelcomeScreen"),
});
const link = createRoute({
  ...outside,
  path: "/link",
  component: screen(() => import("../welcome/welcome-screen"), "WelcomeScreen"),
});
const login = createRoute({
  ...outside,
  path: "/login",
  validateSearch: texts("next"),
  component: screen(() => import("../login/login-screen"), "LoginScreen"),
});
const home = createRoute({ ...inside, path: "/", beforeLoad: goHome });
const overview = createRoute({
  ...inside,
  path: "/overview",
  component: screen(() => import("../overview/overview-screen"), "OverviewScreen"),
});
const research = createRoute({
  ...inside,
  path: "/research",
  component: screen(() => import("../research/research-screen"), "ResearchScreen"),
});
const newSession = createRoute({
  ...inside,
  path: "/research/new",
  validateSearch: texts("goal", "symbol", "model"),
  component: screen(() => import("../research/new-session-screen"), "NewSessionScreen"),
});
const schedules = createRoute({
  ...inside,
  path: "/research/schedules",
  component: screen(() => import("../research/schedules-screen"), "SchedulesScreen"),
});
const session = createRoute({
  ...inside,
  path: "/research/$session",
  validateSearch: texts("step", "view", "evidence"),
  component: screen(() => import("../research/session-screen"), "SessionScreen"),
});
const approvals = createRoute({
  ...inside,
  path: "/approvals",
  component: screen(() => import("../approvals/approvals-screen"), "ApprovalsScreen"),
});
const approval = createRoute({
  ...inside,
  path: "/approvals/$version",
  validateSearch: texts("series", "session"),
  component: screen(() => import("../approvals/approval-screen"), "ApprovalScreen"),
});
const backtests = createRoute({
  ...inside,
  path: "/backtests",
  validateSearch: texts("find", "state"),
  component: screen(() => import("../backtests/backtests-screen"), "BacktestsScreen"),
});
const backtest = createRoute({
  ...inside,
  path: "/backtests/$backtest",
  validateSearch: texts("tab"),
  component: screen(() => import("../backtests/backtest-screen"), "BacktestScreen"),
});
const compareBacktests = createRoute({
  ...inside,
  path: "/backtests/compare",
  validateSearch: texts("ids"),
  component: screen(() => import("../backtests/compare-screen"), "CompareScreen"),
});
const sweeps = createRoute({
  ...inside,
  path: "/backtests/sweeps",
  validateSearch: texts("hash"),
  component: screen(() => import("../sweeps/sweeps-screen"), "SweepsScreen"),
});
const sweep = createRoute({
  ...inside,
  path: "/backtests/sweeps/$sweep",
  component: screen(() => import("../sweeps/sweep-screen"), "SweepScreen"),
});
const walks = createRoute({
  ...inside,
  path: "/backtests/walks",
  component: screen(() => import("../backtests/walks-screen"), "WalksScreen"),
});
const walk = createRoute({
  ...inside,
  path: "/backtests/walks/$walk",
  component: screen(() => import("../backtests/walk-screen"), "WalkScreen"),
});
const strategies = createRoute({
  ...inside,
  path: "/strategies",
  component: screen(() => import("../strategies/strategies-screen"), "StrategiesScreen"),
});
const strategy = createRoute({
  ...inside,
  path: "/strategies/$strategy",
  validateSearch: texts("version", "against"),
  component: screen(() => import("../strategies/strategy-screen"), "StrategyScreen"),
});
const editStrategy = createRoute({
  ...inside,
  path: "/strategies/edit",
  validateSearch: texts("version", "view"),
  component: screen(() => import("../strategies/editor-screen"), "EditorScreen"),
});
const trained = createRoute({
  ...inside,
  path: "/strategies/models/$model",
  component: screen(() => import("../strategies/trained-screen"), "TrainedScreen"),
});
const trading = createRoute({
  ...inside,
  path: "/trading",
  component: screen(() => import("../trading/trading-screen"), "TradingScreen"),
});
const deployment = createRoute({
  ...inside,
  path: "/trading/$deployment",
  validateSearch: texts("tab"),
  component: screen(() => import("../trading/deployment-screen"), "DeploymentScreen"),
});
const pnl = createRoute({
  ...inside,
  path: "/pnl",
  validateSearch: texts("strategy", "asset", "figure"),
  component: screen(() => import("../pnl/pnl-screen"), "PnlScreen"),
});
const data = createRoute({
  ...inside,
  path: "/data",
  validateSearch: texts("series", "range"),
  component: screen(() => import("../data/data-screen"), "DataScreen"),
});
const keys = createRoute({
  ...inside,
  path: "/ai/keys",
  validateSearch: texts("add"),
  component: screen(() => import("../keys/keys-screen"), "KeysScreen"),
});
const models = createRoute({
  ...inside,
  path: "/ai/models",
  validateSearch: texts("compare", "find"),
  component: screen(() => import("../models/models-screen"), "ModelsScreen"),
});
const usage = createRoute({
  ...inside,
  path: "/ai/usage",
  validateSearch: texts("by", "days"),
  component: screen(() => import("../usage/usage-screen"), "UsageScreen"),
});
const evals = createRoute({
  ...inside,
  path: "/ai/evals",
  validateSearch: texts("new"),
  component: screen(() => import("../evals/evals-screen"), "EvalsScreen"),
});
const bakeoff = createRoute({
  ...inside,
  path: "/ai/evals/$bakeoff",
  component: screen(() => import("../evals/bakeoff-screen"), "BakeoffScreen"),
});
const status = createRoute({
  ...inside,
  path: "/status",
  component: screen(() => import("../status/status-screen"), "StatusScreen"),
});
const settings = createRoute({
  ...inside,
  path: "/settings",
  validateSearch: texts("tab"),
  component: screen(() => import("../settings/settings-screen"), "SettingsScreen"),
});

const routes = root.addChildren([
  welcome,
  link,
  login,
  shell.addChildren([
    home,
    overview,
    research,
    newSession,
    schedules,
    session,
    approvals,
    approval,
    backtests,
    backtest,
    compareBacktests,
    sweeps,
    sweep,
    walks,
    walk,
    strategies,
    strategy,
    editStrategy,
    trained,
    trading,
    deployment,
    pnl,
    data,
    keys,
    models,
    usage,
    evals,
    bakeoff,
    status,
    settings,
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
