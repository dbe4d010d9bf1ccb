/** Asks for a sweep of a version: on which candles, over which values of its parameters, and how they are tried. */

import { Button } from "@mantine/core";
import { IconGridDots } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { VersionShort } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { fitting } from "../lib/offers";
import { seriesQuery } from "../lib/queries";
import { Dialog } from "../ui/dialog";
import { LinkButton } from "../ui/link-button";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { SweepForm } from "./sweep-form";
import { parametersOf } from "./sweep-search";
import { versionQuery } from "./version-query";

export function SweepButton({ version }: { version: VersionShort }) {
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconGridDots size={16} aria-hidden="true" />}
        onClick={() => setAsking(true)}
      >
        {t("Start a sweep")}
      </Button>
      <Dialog
        title={t("Sweep the parameters of version {number}", { number: version.number })}
        opened={asking}
        onClose={close}
        size="lg"
      >
        <Ready version={version.id} onClose={close} />
      </Dialog>
    </>
  );
}

function Ready({ version, onClose }: { version: string; onClose: () => void }) {
  const read = useQuery(versionQuery(version));
  const series = useQuery(seriesQuery);
  const trouble = read.error ?? series.error;
  const retry = () => Promise.all([read.refetch(), series.refetch()]);
  if (trouble) return <ErrorState error={trouble} what={t("What a sweep needs could not be read.")} retry={retry} />;
  if (!read.data || !series.data) return <LoadingRows rows={8} />;
  const { document } = read.data;
  if (Object.keys(parametersOf(document)).length === 0) return <NothingToVary version={version} />;
  if (fitting(series.data.items, document).length === 0) {
    return (
      <EmptyState
        text={t("There are no candles yet that this strategy is about.")}
        action={<LinkButton to="/data">{t("Get candles")}</LinkButton>}
      />
    );
  }
  return <SweepForm version={version} document={document} series={series.data.items} onClose={onClose} />;
}

function NothingToVary({ version }: { version: string }) {
  return (
    <EmptyState
      text={
        <>
          {t("This document has no parameters, so there is nothing to vary. Name a window under")}{" "}
          <code>parameters</code>
          {t(", for example")} <code>{'"fast": 20'}</code>
          {t(", and write its name in the expressions:")} <code>sma(close, fast)</code>
        </>
      }
      action={
        <LinkButton to="/strategies/edit" search={{ version }}>
          {t("Edit as a new version")}
        </LinkButton>
      }
    />
  );
}
