/** What happens in this browser when someone signs in. */

import type { QueryClient } from "@tanstack/react-query";
import type { Me } from "../api/generated/types.gen";
import { rememberCsrf } from "./http";
import { meQuery } from "./queries";

/** Nothing that an earlier person's session read may show in this one. */
export function welcome(client: QueryClient, me: Me): void {
  client.clear();
  rememberCsrf(me.csrf);
  client.setQueryData(meQuery.queryKey, me);
}
