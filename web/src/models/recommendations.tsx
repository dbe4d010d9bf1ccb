/** Which model to take for what, each with its reason; the reasons come from the workspace's own calls and the prices. */

import { Button } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import { t } from "../lib/message";
import type { ComparedModel, Comparison, Recommendation } from "../lib/vault";
import { Panel } from "../ui/panel";
import { MOST_COMPARED, modelKey } from "./model-words";
import styles from "./models.module.css";

type RecommendationsProps = {
  comparison: Comparison | undefined;
  onCompare: (rows: readonly ComparedModel[]) => void;
};

export function Recommendations({ comparison, onCompare }: RecommendationsProps) {
  const found = comparison?.recommendations ?? [];
  if (!comparison || found.length === 0) return null;
  const rows = found.flatMap((each) => comparison.items.filter((row) => modelKey(row) === modelKey(each)));
  const distinct = [...new Set(rows)].slice(0, MOST_COMPARED);
  return (
    <Panel
      title={t("Recommended")}
      end={
        distinct.length > 1 ? (
          <Button variant="subtle" size="compact-sm" onClick={() => onCompare(distinct)}>
            {t("Compare these")}
          </Button>
        ) : null
      }
    >
      <ul className={styles.recommended}>
        {found.map((each) => (
          <li key={`${each.kind} ${modelKey(each)}`} className={styles.recommendation}>
            <IconBulb size={18} aria-hidden="true" />
            <span>
              <span className={styles.kind}>{kindWords(each)}</span>
              <span className={styles.name}>{each.model}</span>
              <span className={styles.why}>{each.text}</span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  cheapest: t("Cheapest"),
  fastest: t("Fastest"),
  most_reliable: t("Most reliable"),
};

function kindWords(each: Recommendation): string {
  return KINDS[each.kind] ?? each.kind.replaceAll("_", " ");
}
