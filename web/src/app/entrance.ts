/** Who may see what: a one-time link goes to the welcome page, a stranger to the sign-in page. */

import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { ApiError } from "../lib/http";
import { meQuery } from "../lib/queries";

type Visit = { context: { client: QueryClient }; location: { href: string; pathname: string; hash: string } };

/** The link's token may stand behind any address; only the welcome page spends it. */
export function spendLink({ location }: Visit): void {
  if (location.hash.startsWith("token=") && location.pathname !== "/welcome") {
    throw redirect({ to: "/welcome", hash: location.hash });
  }
}

export async function requireSession({ context, location }: Visit): Promise<void> {
  try {
    await context.client.ensureQueryData(meQuery);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw redirect({ to: "/login", search: location.pathname === "/" ? {} : { next: location.href } });
  }
}
