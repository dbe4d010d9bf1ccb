/** One trained model: how well it predicts bars that it did not see, by what, and why it says what it says. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { FoldAnswer, TrainedModel } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { formatTime, formatUtc } from "../lib/time";
import { Count, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatTiles } from "../ui/stat-tiles";
import { ErrorState, LoadingRows } from "../ui/states";
import { FeatureBars } from "./feature-bars";
import styles from "./trained.module.css";
import { kindName, predictedName, skillName, skillOf, trainedOneQuery } from "./trained-data";

const route = getRouteApi("/shell/strategies/models/$model");

export function TrainedScreen() {
  const { model } = route.useParams();
  const { data, error, refetch } = useQuery(trainedOneQuery(model));
  if (data) return <Opened model={data} />;
  return (
    <Page title={t("Trained model")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This model could not be read.")} retry={refetch} />
        ) : (
          <LoadingRows rows={10} />
        )}
      </Panel>
    </Page>
  );
}

function Opened({ model }: { model: TrainedModel }) {
  const { explanation } = model;
  return (
    <Page title={model.name} lead={<span className={styles.hash}>{model.hash}</span>}>
      <StatTiles stats={tiles(model)} />
      <FoldsPanel model={model} />
      <Panel title={t("Importance of the features")}>
        <p className={styles.note}>
          {t(
            "How much worse bars that were not fitted are predicted when a feature is shuffled; the spread is over folds.",
          )}
        </p>
        <FeatureBars
          label={t("Importance of the features")}
          values={model.importances.map((one) => ({ feature: one.feature, value: one.mean, spread: one.spread }))}
        />
      </Panel>
      <Panel title={t("The last bar explained")}>
        <p className={styles.note}>
          {t("At {when} it said {prediction}. Bars score {base} on average; the features made it {score}.", {
            when: formatTime(explanation.ts),
            prediction: formatNumber(explanation.prediction, { digits: 4 }),
            base: formatNumber(explanation.base, { digits: 4, signed: true }),
            score: formatNumber(explanation.score, { digits: 4, signed: true }),
          })}
        </p>
        <FeatureBars
          label={t("What each feature added to the score of the last bar")}
          values={explanation.contributions.map((one) => ({ feature: one.feature, value: one.adds }))}
        />
      </Panel>
    </Page>
  );
}

function tiles(model: TrainedModel) {
  const name = skillName(model.task);
  return [
    {
      label: t("{figure}, unseen bars", { figure: name }),
      value: formatNumber(model.skill, { digits: 2 }),
      note: t("{value} on fitted bars", { value: formatNumber(model.skill_fitted, { digits: 2 }) }),
    },
    { label: t("Kind"), value: kindName(model.kind), note: predictedName(model.task) },
    {
      label: t("May decide after"),
      value: <Time value={model.known_until} part="day" />,
      note: t("the end of what it learned from"),
    },
    {
      label: t("Labelled bars"),
      value: <Count value={model.bars} />,
      note: t("of {symbol}; labels overlap, worth {count}", {
        symbol: model.symbol,
        count: formatNumber(model.bars * model.label_uniqueness, { digits: 0 }),
      }),
    },
    {
      label: t("Labels reach ahead"),
      value: <Count value={model.label_span} />,
      note: t("bars, left out around each fold"),
    },
  ];
}

const COLUMNS: readonly Column<FoldAnswer>[] = [
  {
    id: "from",
    title: t("Fold from"),
    value: (row) => formatUtc(row.start),
    cell: (row) => <Time value={row.start} part="day" />,
  },
  { id: "to", title: t("To"), value: (row) => formatUtc(row.end), cell: (row) => <Time value={row.end} part="day" /> },
  {
    id: "bars",
    title: t("Bars"),
    align: "end",
    value: (row) => row.test_bars,
    cell: (row) => <Count value={row.test_bars} />,
  },
  {
    id: "test",
    title: t("Unseen bars"),
    align: "end",
    value: (row) => skillOf(row.test),
    cell: (row) => formatNumber(skillOf(row.test), { digits: 3 }),
  },
  {
    id: "train",
    title: t("Fitted bars"),
    align: "end",
    value: (row) => skillOf(row.train),
    cell: (row) => formatNumber(skillOf(row.train), { digits: 3 }),
  },
];

function FoldsPanel({ model }: { model: TrainedModel }) {
  const title = t("{figure} by fold", { figure: skillName(model.task) });
  return (
    <Panel
      title={title}
      flush
      end={<CsvButton name={`model-${model.hash.slice(0, 8)}-folds`} columns={COLUMNS} rows={model.folds} />}
    >
      <DataTable
        label={title}
        columns={COLUMNS}
        source={{ rows: model.folds }}
        keyOf={(row) => String(row.start)}
        trouble=""
        empty={null}
      />
    </Panel>
  );
}
