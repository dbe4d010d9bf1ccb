/** Loads a screen when it is first opened. Its type stays out of the table's: the screens use the table themselves. */

import { lazyRouteComponent, type RouteComponent } from "@tanstack/react-router";

export function screen(load: () => Promise<unknown>, name: string): RouteComponent {
  return lazyRouteComponent(load as () => Promise<Record<string, RouteComponent>>, name);
}
