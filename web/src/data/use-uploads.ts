/** Files on their way in: one after the other, each with what became of it. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { ledgersImportCandles } from "../api/generated/sdk.gen";
import type { Import } from "../lib/contract";
import { explain } from "../lib/http";
import { seriesQuery } from "../lib/queries";
import { importsQuery } from "./data-queries";

export type Upload = {
  id: number;
  name: string;
  bytes: number;
  state: "waiting" | "sending" | "done" | "failed";
  answer?: Import;
  trouble?: string;
};

export function useUploads() {
  const client = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const line = useRef<Promise<void>>(Promise.resolve());
  const count = useRef(0);

  const change = useCallback((id: number, changes: Partial<Upload>) => {
    setUploads((rows) => rows.map((row) => (row.id === id ? { ...row, ...changes } : row)));
  }, []);

  const send = useCallback(
    async (file: File, id: number) => {
      change(id, { state: "sending" });
      try {
        change(id, { state: "done", answer: await ledgersImportCandles({ body: { file } }) });
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

  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files) {
        count.current += 1;
        const id = count.current;
        setUploads((rows) => [{ id, name: file.name, bytes: file.size, state: "waiting" }, ...rows]);
        line.current = line.current.then(() => send(file, id));
      }
    },
    [send],
  );
  return { uploads, add };
}
