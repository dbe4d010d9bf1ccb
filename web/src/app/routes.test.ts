/** The table of addresses: every screen is where its row says, and a wrong address does not compile. */

import { QueryClient } from "@tanstack/react-query";
import { linkOptions } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { PLACES } from "./nav";
import { makeRouter } from "./routes";

type Preloading = { preload?: () => Promise<void> };

test("every address loads its screen", async () => {
  const router = makeRouter(new QueryClient());
  const routes = Object.values(router.routesById);
  const components = routes.map((route) => route.options.component as Preloading | undefined);
  await Promise.all(components.map((component) => component?.preload?.()));
  expect(routes.length).toBeGreaterThan(15);
}, 60_000);

test("the rail leads only to addresses that exist", () => {
  const known = Object.keys(makeRouter(new QueryClient()).routesByPath);
  expect(PLACES.map((place) => place.to).filter((to) => !known.includes(to))).toEqual([]);
});

test("an unknown address does not compile", () => {
  // @ts-expect-error there is no such page
  expect(linkOptions({ to: "/nonsense" }).to).toBe("/nonsense");
});
