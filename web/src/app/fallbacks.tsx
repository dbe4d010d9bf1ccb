/** What stands in a screen's place: while it loads, when it breaks, when there is none. */

import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { Gate } from "../ui/gate";
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

/** The same before there is a frame to stand in: the server does not answer, or refuses. */
export function EntranceTrouble({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  const retry = async () => {
    await router.invalidate();
    reset();
  };
  return (
    <Gate title={t("OMC did not open")}>
      <ErrorState error={error} what={t("It could not be found out who is signed in.")} retry={retry} />
    </Gate>
  );
}

export function NoSuchPage(): ReactNode {
  return (
    <Gate title={t("There is no such page")}>
      <EmptyState
        icon={<IconMapOff size={22} />}
        text={t("The address may be from another version, or what it named is gone.")}
        action={<LinkButton to="/overview">{t("Go to the overview")}</LinkButton>}
      />
    </Gate>
  );
}
