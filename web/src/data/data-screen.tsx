/** Candles: take files in, see what is covered and what is missing, look at the chart. */

import { Button } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import type { Import } from "../lib/contract";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { rangeName } from "../ui/candle-window";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import styles from "./data.module.css";
import { DropZone } from "./drop-zone";
import { askFor, Hints } from "./hints";
import { ImportResult } from "./import-result";
import { ImportsPanel } from "./imports-panel";
import { ObservedPanel } from "./observed-panel";
import { SeriesView } from "./price-panel";
import { QuarantineDialog } from "./quarantine-dialog";
import { SeriesPanel } from "./series-table";
import { SyntheticDialog } from "./synthetic-dialog";
import { lacks, type Upload, useUploads } from "./use-uploads";

const route = getRouteApi("/shell/data");

export function DataScreen(): ReactNode {
  const { series: chosen, range } = route.useSearch();
  const [making, setMaking] = useState(false);
  const [opened, setOpened] = useState<Import | null>(null);
  const { uploads, add, again, about, setAbout } = useUploads();
  const hints = useRef<HTMLDetailsElement>(null);
  const tryAgain = (upload: Upload) => {
    const field = lacks(upload, about);
    if (field) askFor(hints.current, field);
    else again(upload);
  };
  const { data, isPending } = useQuery(seriesQuery);
  const series = chosen ? data?.items.find((row) => row.id === chosen) : data?.items[0];
  const makeButton = (
    <Button
      variant="default"
      leftSection={<IconSparkles size={16} aria-hidden="true" />}
      onClick={() => setMaking(true)}
    >
      {t("Make synthetic markets")}
    </Button>
  );
  return (
    <Page
      title={t("Data")}
      lead={t(
        "Candles that research, backtests and paper trading read. Outages stay gaps; every row left out has a reason.",
      )}
      actions={makeButton}
    >
      <Panel>
        <DropZone onFiles={add} />
        <Hints about={about} onChange={setAbout} ref={hints} />
        {uploads.length > 0 ? (
          <ul className={styles.results}>
            {uploads.map((upload) => (
              <ImportResult key={upload.id} upload={upload} onOpen={setOpened} about={about} onAgain={tryAgain} />
            ))}
          </ul>
        ) : null}
      </Panel>
      <SeriesPanel emptyAction={makeButton} />
      {series ? <SeriesView series={series} range={rangeName(range)} /> : null}
      {chosen && data && !series ? <NoSuchSeries /> : null}
      {/* What stands below waits, so that it never moves. */}
      {isPending ? null : <ObservedPanel />}
      {isPending ? null : <ImportsPanel onOpen={setOpened} />}
      {making ? <SyntheticDialog onClose={() => setMaking(false)} /> : null}
      {opened ? <QuarantineDialog done={opened} onClose={() => setOpened(null)} /> : null}
    </Page>
  );
}

function NoSuchSeries(): ReactNode {
  return (
    <Panel>
      <EmptyState text={t("The series that the address names is not here. Choose one from the table above.")} />
    </Panel>
  );
}
