/** What every screen stands in: the root, and the shell that asks who is there first. */

import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute } from "@tanstack/react-router";
import { requireSession } from "./entrance";
import { EntranceTrouble } from "./fallbacks";
import { Root } from "./root";
import { Shell } from "./shell/shell";

export const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Root });
export const outside = { getParentRoute: () => root };
export const shell = createRoute({
  ...outside,
  id: "shell",
  component: Shell,
  beforeLoad: requireSession,
  errorComponent: EntranceTrouble,
});
export const inside = { getParentRoute: () => shell };
