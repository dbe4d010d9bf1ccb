/** A document being written: its text, its parts, and what the server says of exactly this text, never of an older one. */

import { useDebouncedValue } from "@mantine/hooks";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { engineInspect, engineSchema } from "../api/generated/sdk.gen";
import type { Inspected } from "../api/generated/types.gen";
import { type Document, type Path, parsed, withValue, written } from "./document-edit";
import { placesOf } from "./json-places";
import { type Located, locate } from "./problem-places";

/** Longer than between two keys of one who writes, shorter than anybody waits. */
const PAUSE_MS = 350;

export const schemaQuery = queryOptions({
  queryKey: ["strategies", "schema"],
  queryFn: ({ signal }) => engineSchema({ signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

const inspectQuery = (text: string) =>
  queryOptions({
    queryKey: ["strategies", "inspect", text],
    queryFn: ({ signal }) => engineInspect({ body: { text }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

/** `told` is undefined while it is not known for this text. */
export type Check = { told: Inspected | undefined; problems: readonly Located[]; error: unknown; retry: () => unknown };

export type Draft = {
  text: string;
  setText: (text: string) => void;
  /** Null while the text is no JSON object. */
  document: Document | null;
  change: (path: Path, value: unknown, order: readonly string[]) => void;
  check: Check;
};

const NONE: readonly Located[] = [];

export function useDraft(start: string): Draft {
  const [text, setText] = useState(start);
  const [paused] = useDebouncedValue(text, PAUSE_MS);
  const { data, error, refetch } = useQuery(inspectQuery(paused));
  const told = paused === text ? data : undefined;
  const problems = useMemo(() => (told ? locate(told.problems, text, placesOf(text)) : NONE), [told, text]);
  const document = useMemo(() => parsed(text), [text]);
  const change = (path: Path, value: unknown, order: readonly string[]) =>
    setText((before) => {
      const now = parsed(before);
      return now ? written(withValue(now, path, value, order)) : before;
    });
  const check = { told, problems, error: paused === text ? error : null, retry: refetch };
  return { text, setText, document, change, check };
}
