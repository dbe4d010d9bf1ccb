/** What the trading screens read and send. */

import { queryOptions } from "@tanstack/react-query";
import { floorGetDeployment, floorResume, floorStop } from "../api/generated/sdk.gen";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { defineTopics } from "../lib/live";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";
import { NEW_DEPLOYMENT, reduceDeployment } from "./deployment-state";

const RUNNING_EVERY_MS = 5_000;

/** Deployments that this tab follows; the stream replays each from its start, which is also the chart's data. */
export const deploymentTopics = defineTopics({ initial: NEW_DEPLOYMENT, reduce: reduceDeployment });

export function deploymentTopic(id: string): string {
  return `deployment:${id}`;
}

export const deploymentQuery = (id: string) =>
  queryOptions({
    queryKey: ["deployments", id],
    queryFn: ({ signal }) => floorGetDeployment({ path: { deployment_id: id }, signal }),
    refetchInterval: (query) => (query.state.data?.state === "running" ? RUNNING_EVERY_MS : false),
  });

/** Stop it; on request what it holds is sold first, which the state tells when it is done. */
export function stopDeployment(id: string, close: boolean): Promise<unknown> {
  return floorStop({ path: { deployment_id: id }, body: { close } });
}

export function baseOf(symbol: string): string {
  return symbol.split("/")[0] ?? symbol;
}

/** What it trades, in the order in which the account enters. */
export function symbolsText({ holdings }: DeploymentAnswer): string {
  return holdings.map((each) => each.symbol).join(", ");
}

export function resumeTrading(): Promise<unknown> {
  return floorResume();
}

export function deploymentState(state: DeploymentAnswer["state"]): { text: string; tone: Tone } {
  switch (state) {
    case "running":
      return { text: t("Running"), tone: "accent" };
    case "stopped":
      return { text: t("Stopped"), tone: "quiet" };
    case "done":
      return { text: t("Replay ended"), tone: "good" };
    case "failed":
      return { text: t("Failed"), tone: "bad" };
  }
}

/** The venue's and our words for where an order stands. */
export function orderState(status: string): { text: string; tone: Tone } {
  const words: Record<string, { text: string; tone: Tone }> = {
    initialized: { text: t("Prepared"), tone: "quiet" },
    denied: { text: t("Denied by us"), tone: "bad" },
    submitted: { text: t("Sent"), tone: "info" },
    accepted: { text: t("Accepted by the venue"), tone: "info" },
    rejected: { text: t("Rejected by the venue"), tone: "bad" },
    partially_filled: { text: t("Partly filled"), tone: "accent" },
    filled: { text: t("Filled"), tone: "good" },
    canceled: { text: t("Cancelled"), tone: "quiet" },
    expired: { text: t("Expired"), tone: "quiet" },
  };
  return words[status] ?? { text: status, tone: "quiet" };
}

/** What kind of order it is: a sale that waits for its price protects a position. */
export function orderKind({ kind, side }: { kind: string; side: string }): string {
  if (side === "sell" && kind === "stop") return t("Protective stop");
  const words: Record<string, string> = {
    market: t("Market"),
    limit: t("Limit"),
    stop: t("Stop"),
    stop_limit: t("Stop-limit"),
    target: t("Target"),
  };
  return words[kind] ?? kind;
}
