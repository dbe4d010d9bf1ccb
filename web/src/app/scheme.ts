/** Lets Mantine keep its theme where the page keeps its other preferences. */

import type { MantineColorSchemeManager } from "@mantine/core";
import { prefer, preferences } from "../lib/preferences";

export const schemeManager: MantineColorSchemeManager = {
  get: () => preferences().scheme,
  set: (scheme) => prefer({ scheme }),
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => prefer({ scheme: "dark" }),
};
