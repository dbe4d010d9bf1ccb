/** What stands in a screen's place: while it loads, when it breaks, when there is none. */

import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";

export function PagePending(): ReactNode {
  return (
    <Page title={t("Loading")}>
      <Panel flush>
        <LoadingRows rows={8} />
      </Panel>
    </Page>
  );
}

export function PageTrouble({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  const retry = async () => {
    await router.invalidate();
    reset();
  };
  return (
    <Page title={t("This page did not open")}>
      <Panel>
        <ErrorState error={error} what={t("Something this page needs is missing.")} retry={retry} />
      </Panel>
    </Page>
  );
}

export function NoSuchPage(): ReactNode {
  return (
    <Page title={t("There is no such page")}>
      <Panel>
        <EmptyState
          icon={<IconMapOff size={22} />}
          text={t("The address may be from another version, or what it named is gone.")}
          action={<LinkButton to="/overview">{t("Go to the overview")}</LinkButton>}
        />
      </Panel>
    </Page>
  );
}
