/** What an expression may use, as the server publishes it: columns, functions, signs. */

import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "../lib/message";
import { Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { languageOf } from "./completion";
import styles from "./editor.module.css";
import type { Schema } from "./schema-form";

type Word = { usage: string; meaning: string; gives: string };

const COLUMNS: readonly Column<Word>[] = [
  { id: "usage", title: t("Written"), value: (row) => row.usage, cell: (row) => <Mono>{row.usage}</Mono> },
  { id: "gives", title: t("Gives"), value: (row) => row.gives, cell: (row) => row.gives },
  { id: "meaning", title: t("Means"), value: (row) => row.meaning, cell: (row) => row.meaning },
];

type LanguagePanelProps = { schema: { data: Schema | undefined; error: unknown; refetch: () => unknown } };

export function LanguagePanel({ schema }: LanguagePanelProps) {
  const [wanted, setWanted] = useState("");
  const words = schema.data ? wordsOf(schema.data) : undefined;
  const found = words?.filter((row) => `${row.usage} ${row.meaning}`.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <Panel
      title={t("Words of an expression")}
      flush
      end={
        <>
          <TextInput
            size="xs"
            aria-label={t("Find a word")}
            placeholder={t("Find a word")}
            leftSection={<IconSearch size={14} aria-hidden="true" />}
            data-filter=""
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
          <CsvButton name="expression-words" columns={COLUMNS} rows={words} />
        </>
      }
    >
      <div className={styles.words}>
        <DataTable
          label={t("Table of words")}
          columns={COLUMNS}
          source={{ rows: found, error: schema.error, retry: schema.refetch }}
          keyOf={(row) => row.usage}
          trouble={t("The words could not be read.")}
          empty={<EmptyState text={t("No word of this kind. Empty the search to see all.")} />}
        />
      </div>
    </Panel>
  );
}

function wordsOf(schema: Schema): Word[] {
  const { columns, functions, signs } = languageOf(schema);
  return [
    ...columns.map((usage) => ({ usage, meaning: t("of each bar"), gives: t("a number") })),
    ...functions,
    ...(signs.length > 0
      ? [{ usage: signs.join("  "), meaning: t("signs between and before values"), gives: "" }]
      : []),
  ];
}
