/** The overview: what needs a person, what was earned, what runs; everything leads to its page. */

import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { NeedsYou, useNeeds } from "./needs-you";
import { NextSteps, useSteps } from "./next-steps";
import styles from "./overview.module.css";
import { PnlPanel } from "./pnl-panel";
import { ResearchPanel, TradingPanel } from "./recent-panels";

export function OverviewScreen(): ReactNode {
  const needs = useNeeds();
  const { steps, pending } = useSteps();
  const ready = !needs.pending && !pending;
  return (
    <Page
      title={t("Overview")}
      actions={
        <LinkButton to="/research/new" leftSection={<IconPlus size={16} aria-hidden="true" />}>
          {t("New research session")}
        </LinkButton>
      }
    >
      {/* On a phone what needs you stands first: the rest waits for it, so that nothing moves. */}
      <div className={styles.columns}>
        <div className={styles.column}>
          {ready ? (
            <>
              <PnlPanel />
              <ResearchPanel />
              <TradingPanel />
            </>
          ) : null}
        </div>
        <div className={styles.column}>
          <NeedsYou {...needs} />
          {ready ? <NextSteps steps={steps} /> : null}
        </div>
      </div>
    </Page>
  );
}
