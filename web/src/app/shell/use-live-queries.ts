/** Lists and counts follow the event stream on every page; the slow look of each query is only the safety net. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { deploymentsQuery, sessionsQuery } from "../../lib/queries";

const ALWAYS = ["audit", "books", "imports"] as const;
/** Of each kind; the stream has room for 32 topics in all, and the newest matter most. */
const MAX_FOLLOWED = 8;
const AT_REST = new Set(["done", "failed", "cancelled"]);

export function useLiveQueries(): void {
  const client = useQueryClient();
  const { data: sessions } = useQuery(sessionsQuery);
  const { data: deployments } = useQuery(deploymentsQuery);
  const ready = sessions !== undefined && deployments !== undefined;
  const running = [
    ...topics(
      "session",
      sessions?.items.filter((row) => !AT_REST.has(row.state)),
    ),
    ...topics(
      "deployment",
      deployments?.items.filter((row) => row.state === "running"),
    ),
  ];
  const wanted = [...ALWAYS, ...running].join(",");
  useEffect(() => {
    if (!ready) return;
    let stop: (() => void) | null = null;
    let here = true;
    void import("./keep-live").then((part) => {
      if (here) stop = part.keepLive(client, wanted.split(","));
    });
    return () => {
      here = false;
      stop?.();
    };
  }, [client, ready, wanted]);
}

function topics(kind: string, rows: readonly { id: string }[] | undefined): string[] {
  return (rows ?? []).slice(0, MAX_FOLLOWED).map((row) => `${kind}:${row.id}`);
}
