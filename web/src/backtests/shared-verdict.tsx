/** Why a run of several symbols has no verdict, and what to do for one. */

import type { Backtest } from "../lib/contract";
import { t } from "../lib/message";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";

export function SharedVerdict({ backtest }: { backtest: Backtest }) {
  const count = backtest.every.length;
  return (
    <Panel title={t("Verdict")}>
      <EmptyState
        text={t(
          "A verdict is on one symbol with all the cash, and paper trading holds one; this run shared it among {count}. Save a version whose universe names the one to trade, and let the gate judge that.",
          { count },
        )}
        action={
          <LinkButton to="/strategies" variant="default">
            {t("To the strategies")}
          </LinkButton>
        }
      />
    </Panel>
  );
}
