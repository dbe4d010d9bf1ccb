/** How this page hears of events: an honest account of the link to the server. */

import { formatNumber } from "../lib/format";
import { useLink } from "../lib/live";
import type { LinkState } from "../lib/live-types";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import styles from "./session.module.css";

export function LinkPanel() {
  const link = useLink();
  const { text, tone } = words(link.state);
  return (
    <Panel title={t("Connection")} end={<StatePill tone={tone}>{text}</StatePill>}>
      <dl className={styles.facts}>
        <dt>{t("Events")}</dt>
        <dd>{formatNumber(link.events)}</dd>
        <dt>{t("Reconnects")}</dt>
        <dd>{formatNumber(link.reconnects)}</dd>
        <dt>{t("Holes filled")}</dt>
        <dd>{formatNumber(link.repaired)}</dd>
        <dt>{t("This tab")}</dt>
        <dd>{link.leader ? t("holds the connection") : t("listens to another tab")}</dd>
      </dl>
    </Panel>
  );
}

function words(state: LinkState): { text: string; tone: Tone } {
  switch (state) {
    case "live":
      return { text: t("Live"), tone: "good" };
    case "reconnecting":
      return { text: t("Reconnecting"), tone: "warn" };
    case "connecting":
      return { text: t("Connecting"), tone: "info" };
    case "idle":
      return { text: t("Idle"), tone: "quiet" };
  }
}
