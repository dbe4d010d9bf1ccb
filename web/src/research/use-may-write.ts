/** Whether whoever looks may also change something: a viewer watches, and is shown no button that would be refused. */

import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../lib/queries";

export function useMayWrite(): boolean {
  return useQuery(meQuery).data?.scopes.includes("write") ?? false;
}
