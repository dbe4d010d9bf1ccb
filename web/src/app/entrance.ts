/** Who may see what: a stranger to this browser goes to the sign-in page and comes back from there. */

import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { ApiError } from "../lib/http";
import { meQuery } from "../lib/queries";

type Visit = { context: { client: QueryClient }; location: { href: string; pathname: string } };

export async function requireSession({ context, location }: Visit): Promise<void> {
  try {
    await context.client.ensureQueryData(meQuery);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw redirect({ to: "/login", search: location.pathname === "/" ? {} : { next: location.href } });
  }
}

export function goHome(): void {
  throw redirect({ to: "/overview" });
}
