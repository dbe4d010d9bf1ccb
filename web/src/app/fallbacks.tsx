/** What stands in a screen's place: while it loads, when it breaks, when there is none. */

import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { t } from "../lib/message";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";

export function PagePending() {
  return (
    <Page title={t("Loading")}>
      <Panel flush>
        <LoadingRows rows={8} />
      </Panel>
    </Page>
  );
}

export function PageTrouble({ error, reset }: ErrorComponentProps) {
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

export function NoSuchPage() {
  return (
    <Page title={t("There is no such page")}>
      <Panel>
        <EmptyState
          icon={<IconMapOff size={22} />}
          text={t("The address may be from another version, or what it named is gone.")}
          action={
            <Button component={Link} to="/overview">
              {t("Go to the overview")}
            </Button>
          }
        />
      </Panel>
    </Page>
  );
}
