/** The lines that evidence holds, drawn: a chart, an event study, a search, or a test's equity. */

import { useMemo } from "react";
import type { Chart } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { ChartPanel } from "../ui/chart-panel";
import { countedBy, seriesOf } from "./evidence-lines";

type EvidenceChartProps = { session: string; number: number; title: string; chart: Chart; height?: number };

export function EvidenceChart({ session, number, title, chart, height = 320 }: EvidenceChartProps) {
  const series = useMemo(() => seriesOf(chart), [chart]);
  return (
    <ChartPanel
      title={t("{title}, evidence {number}", { title, number })}
      summary={summary(chart)}
      name={`session-${session}-chart-${number}`}
      height={height}
      series={series}
      counted={countedBy(chart.axis)}
      note={chart.unit ? t("In {unit}", { unit: chart.unit }) : null}
    />
  );
}

/** What an eye sees at once, for the ear. */
function summary({ lines, unit }: Chart): string {
  const said = lines.map((line) => {
    const known = line.values.filter((value) => value !== null);
    const from = formatNumber(known[0] ?? null, { digits: 2 });
    return t("{name} from {from} to {to} {unit}", {
      name: line.name,
      from,
      to: formatNumber(known.at(-1) ?? null, { digits: 2 }),
      unit,
    }).trim();
  });
  return `${said.join("; ")}.`;
}
