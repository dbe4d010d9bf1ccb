/** Files on their way in: one after the other, each with what became of it. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { ledgersImportCandles } from "../api/generated/sdk.gen";
import type { Import } from "../lib/contract";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { importsQuery } from "./data-queries";

/** What the person says where the file does not. */
export type About = { symbol?: string; timeframe?: string; venue?: string };

export type Upload = {
  id: number;
  file: File;
  state: "waiting" | "sending" | "done" | "failed";
  answer?: Import | undefined;
  trouble?: string | undefined;
  /** Trying again cannot help. */
  hopeless?: boolean;
};

/** The server refuses more by the announced length; a browser that still sends would only see the line break. */
const MAX_BYTES = 256 * 1024 * 1024;

/** What a file is refused for when it does not say whose candles it holds, and the field that helps. */
const UNSAID: Readonly<Record<string, keyof About>> = { symbol_unknown: "symbol", timeframe_unknown: "timeframe" };

/** The field that must be filled in before trying again makes sense. */
export function lacks({ answer }: Upload, about: About): keyof About | undefined {
  const fields = answer?.status === "refused" ? answer.problems.map((problem) => UNSAID[problem.code]) : [];
  return fields.find((field) => field !== undefined && !about[field]?.trim());
}

export function useUploads() {
  const client = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [about, setAbout] = useState<About>({});
  const line = useRef<Promise<void>>(Promise.resolve());
  const count = useRef(0);

  const change = useCallback((id: number, changes: Partial<Upload>) => {
    setUploads((rows) => rows.map((row) => (row.id === id ? { ...row, ...changes } : row)));
  }, []);

  const send = useCallback(
    async (file: File, id: number, said: About) => {
      change(id, { state: "sending" });
      try {
        change(id, { state: "done", answer: await ledgersImportCandles({ body: { file, ...said } }) });
      } catch (error) {
        change(id, { state: "failed", trouble: explain(error) });
      }
      await Promise.all([
        client.invalidateQueries({ queryKey: seriesQuery.queryKey }),
        client.invalidateQueries({ queryKey: importsQuery.queryKey }),
      ]);
    },
    [client, change],
  );

  const queue = (file: File, id: number) => {
    const said = spoken(about);
    line.current = line.current.then(() => send(file, id, said));
  };

  const add = (files: readonly File[]) => {
    const added = files.map((file): Upload => {
      count.current += 1;
      const trouble = tooLarge(file);
      const fate = trouble ? ({ state: "failed", trouble, hopeless: true } as const) : ({ state: "waiting" } as const);
      return { id: count.current, file, ...fate };
    });
    setUploads((rows) => [...added, ...rows]);
    for (const upload of added) if (!upload.hopeless) queue(upload.file, upload.id);
  };

  const again = ({ id, file }: Upload) => {
    change(id, { state: "waiting", answer: undefined, trouble: undefined });
    queue(file, id);
  };
  return { uploads, add, again, about, setAbout };
}

/** Empty fields say nothing. */
function spoken(about: About): About {
  return Object.fromEntries(
    Object.entries(about).flatMap(([name, text]) => (text.trim() ? [[name, text.trim()]] : [])),
  );
}

function tooLarge(file: File): string | undefined {
  if (file.size <= MAX_BYTES) return undefined;
  return t("It is larger than 256 MiB. On the machine itself, omc data import takes files up to 1 GiB.");
}
