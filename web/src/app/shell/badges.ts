/** The short counts beside the rail's rows: what runs, what waits for a person. */

import { useQuery } from "@tanstack/react-query";
import { t } from "../../lib/message";
import { deploymentsQuery, proposalsQuery, sessionsQuery } from "../../lib/queries";
import type { Place } from "../nav";

export function useBadges(): Partial<Record<Place["to"], string>> {
  const { data: sessions } = useQuery(sessionsQuery);
  const { data: deployments } = useQuery(deploymentsQuery);
  const researching = sessions?.items.filter((row) => row.state === "running" || row.state === "queued").length ?? 0;
  const trading = deployments?.items.filter((row) => row.state === "running").length ?? 0;
  const { data: proposals } = useQuery(proposalsQuery);
  const waiting = proposals?.items.filter((row) => row.status === "draft").length ?? 0;
  return {
    "/approvals": waiting > 0 ? String(waiting) : "",
    "/research": researching > 0 ? t("{count} live", { count: researching }) : "",
    "/trading": trading > 0 ? t("{count} live", { count: trading }) : "",
  };
}
