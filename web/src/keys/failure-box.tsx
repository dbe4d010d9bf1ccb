/** Why a test failed: what happened, what to do about it, and where. */

import { Anchor } from "@mantine/core";
import { IconAlertTriangle, IconExternalLink } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { t } from "../lib/message";
import type { Failure, ProviderRow } from "../lib/vault";
import { Countdown } from "../ui/countdown";
import styles from "./keys.module.css";
import { shortLabel } from "./provider-rules";

type FailureBoxProps = { failure: Failure; provider: ProviderRow | undefined; wait: number };

export function FailureBox({ failure, provider, wait }: FailureBoxProps) {
  // Below long steps and above the buttons: what went wrong comes into sight by itself.
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const link = failure.link ?? provider?.key_page ?? null;
  return (
    <div ref={box} className={styles.failure} role="alert">
      <IconAlertTriangle size={18} aria-hidden="true" />
      <div>
        <p className={styles.strong}>{failure.text}</p>
        {failure.next ? <p>{failure.next}</p> : null}
        {failure.retry_after_s === null ? null : <Countdown seconds={wait} />}
        {link ? (
          <p>
            <Anchor href={link} target="_blank" rel="noreferrer noopener" inherit>
              {provider
                ? t("Open {provider}'s page", { provider: shortLabel(provider) })
                : t("Open the provider's page")}{" "}
              <IconExternalLink size={14} aria-hidden="true" />
            </Anchor>
          </p>
        ) : null}
      </div>
    </div>
  );
}
