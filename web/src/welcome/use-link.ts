/** Spends a one-time link once, however often the page draws itself. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { identityMe, identityUseLink } from "../api/generated/sdk.gen";
import { ApiError } from "../lib/http";
import { LINK, welcome } from "../lib/session";

export function useLink(token: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: [LINK, token],
    queryFn: async () => {
      const me = await spend(token);
      welcome(client, me);
      return me;
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}

/** A link opened again in a browser that is signed in by it already leads on. */
async function spend(token: string) {
  try {
    return await identityUseLink({ body: { token } });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error;
    return identityMe().catch(() => {
      throw error;
    });
  }
}
