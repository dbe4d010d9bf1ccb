/** What waits for a person: approvals, stopped trading, broken parts, an account not made yet. */

import { IconCheck, IconChevronRight } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Halt } from "../api/generated/types.gen";
import { plural, t } from "../lib/message";
import { deploymentsQuery, meQuery, proposalsQuery, statusQuery, switchQuery } from "../lib/queries";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import { ErrorState, LoadingRows } from "../ui/states";
import styles from "./overview.module.css";

type Need = {
  /** Of the settings. */
  tab?: string;
  to: "/approvals" | "/trading" | "/status" | "/settings";
  tone: Tone;
  word: string;
  text: string;
};

export type Needs = { needs: Need[]; pending: boolean; error: unknown; retry: () => unknown };

export function useNeeds(): Needs {
  const results = useQueries({ queries: [proposalsQuery, deploymentsQuery, switchQuery, statusQuery, meQuery] });
  const [proposals, deployments, killSwitch, status, me] = results;
  const failed = results.filter((result) => result.isError);
  const waiting = proposals.data?.items.filter((row) => row.status === "draft");
  return {
    needs: [
      ...approvals(waiting?.length),
      ...stopped(killSwitch.data?.level, deployments.data?.items.filter((row) => row.state === "failed").length),
      ...broken(status.data?.parts.filter((part) => part.state === "down" || part.state === "degraded")),
      ...account(me.data?.needs_owner),
    ],
    pending: results.some((result) => result.isPending),
    error: failed[0]?.error ?? null,
    retry: () => Promise.all(failed.map((result) => result.refetch())),
  };
}

export function NeedsYou({ needs, pending, error, retry }: Needs) {
  return (
    <Panel title={t("Needs you")} flush attention={needs.length > 0}>
      <div className={styles.list}>
        {needs.map((need) => (
          <Link
            key={need.text}
            to={need.to}
            search={need.tab ? { tab: need.tab } : {}}
            className={styles.need}
            data-row=""
          >
            <StatePill tone={need.tone}>{need.word}</StatePill>
            <span className={styles.grow}>{need.text}</span>
            <IconChevronRight size={16} aria-hidden="true" className={styles.dim} />
          </Link>
        ))}
        {pending ? <LoadingRows rows={2} /> : null}
        {error && !pending ? (
          <ErrorState error={error} what={t("Not everything could be read.")} retry={retry} />
        ) : null}
        {needs.length === 0 && !pending && !error ? (
          <p className={styles.calm}>
            <IconCheck size={18} aria-hidden="true" className={styles.good} />
            {t("Nothing waits for you.")}
          </p>
        ) : null}
      </div>
    </Panel>
  );
}

function approvals(waiting: number | undefined): Need[] {
  if (!waiting) return [];
  const text = plural(
    waiting,
    "{count} proposal waits for your decision.",
    "{count} proposals wait for your decision.",
  );
  return [{ to: "/approvals", tone: "warn", word: t("Review"), text }];
}

function stopped(level: Halt | undefined, failed: number | undefined): Need[] {
  const needs: Need[] = [];
  if (level === "entries") {
    needs.push({
      to: "/trading",
      tone: "warn",
      word: t("Paused"),
      text: t("Nothing is opened until you allow entries again."),
    });
  }
  if (level === "all")
    needs.push({
      to: "/trading",
      tone: "bad",
      word: t("Stopped"),
      text: t("Trading is stopped until you allow it again."),
    });
  if (failed) {
    const text = plural(failed, "{count} deployment has failed.", "{count} deployments have failed.");
    needs.push({ to: "/trading", tone: "bad", word: t("Failed"), text });
  }
  return needs;
}

function broken(parts: readonly { name: string; state: string; detail: string }[] | undefined): Need[] {
  return (parts ?? []).map((part) => ({
    to: "/status",
    tone: part.state === "down" ? "bad" : "warn",
    word: part.state === "down" ? t("Down") : t("Degraded"),
    text: `${part.name}: ${part.detail}`,
  }));
}

function account(needsOwner: boolean | undefined): Need[] {
  if (!needsOwner) return [];
  return [
    {
      to: "/settings",
      tab: "account",
      tone: "info",
      word: t("Account"),
      text: t("Make your account, so that you can sign in without a link."),
    },
  ];
}
