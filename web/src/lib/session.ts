/** What happens in this browser when someone signs in. */

import type { QueryClient } from "@tanstack/react-query";
import type { Me } from "../api/generated/types.gen";
import { meQuery } from "./queries";
import { known } from "./who";

/** The query that spends a one-time link is still in use when it signs someone in. */
export const LINK = "link";

/** Nothing that an earlier person's session read may show in this one; only the link being spent must not be spent twice. */
export function welcome(client: QueryClient, me: Me): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== "link" });
  known(me);
  client.setQueryData(meQuery.queryKey, me);
}
