/** Bake-offs: several models on one frozen task, each several times. */

import { queryOptions } from "@tanstack/react-query";
import { labBakeoff, labBakeoffs } from "../api/generated/sdk.gen";
import type * as Api from "../api/generated/types.gen";
import { text } from "./live-data";
import { t } from "./message";
import type { Credential, Preset } from "./vault";

export type NewBakeoff = Api.NewBakeoff;
export type BakeoffShort = Api.BakeoffShort;
export type BakeoffState = BakeoffShort["state"];
export type Bakeoff = Api.BakeoffAnswer;

/** A middle value and the range in which it lies with 95 %; null where nothing was measured. */
export type Measured = Api.IntervalAnswer | Api.CostInterval | null;

export type BakeoffResult = Pick<
  Api.ScoreAnswer,
  "evidence_validity" | "tool_success" | "agreement" | "steps" | "seconds" | "cost" | "verdicts"
> & {
  credential_id: string | null;
  /** The key's name; null for the built-in analyst or a key that is gone. */
  credential: string | null;
  provider: string;
  model: string;
  preset_id: string | null;
  /** The preset's name; null for the model's own settings. */
  preset: string | null;
  finished: number;
  sessions: string[];
};

const LIST_EVERY_MS = 5_000;
const RUNNING_EVERY_MS = 2_000;

export function isOver(state: BakeoffState): boolean {
  return state !== "running";
}

export const bakeoffsQuery = queryOptions({
  queryKey: ["bakeoffs"],
  queryFn: async ({ signal }) => (await labBakeoffs({ signal })).items,
  refetchInterval: (query) => (query.state.data?.some((row) => !isOver(row.state)) ? LIST_EVERY_MS : false),
});

export const bakeoffQuery = (id: string) =>
  queryOptions({
    queryKey: ["bakeoffs", id],
    queryFn: ({ signal }) => labBakeoff({ path: { bakeoff_id: id }, signal }),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.state) ? false : RUNNING_EVERY_MS),
  });

export function modelsOf(bakeoff: Pick<Bakeoff, "entries">): string[] {
  return bakeoff.entries.map((entry) => text(asData(entry), "model"));
}

/** One row an entry: its scores with its key's name and its runs. */
export function resultsOf(bakeoff: Bakeoff, keys: readonly Credential[], presets: readonly Preset[]): BakeoffResult[] {
  return bakeoff.scores.map((score, index) => {
    const entry = asData(score.entry);
    const credential_id = text(entry, "credential_id") || null;
    const key = keys.find((each) => each.id === credential_id);
    const preset_id = text(entry, "preset_id") || null;
    return {
      ...score,
      credential_id,
      credential: key?.name ?? null,
      provider: key?.provider ?? (credential_id ? "" : "builtin"),
      model: text(entry, "model"),
      preset_id,
      preset: preset_id && (presets.find((each) => each.id === preset_id)?.name ?? t("a preset that is gone")),
      finished: score.runs,
      sessions: bakeoff.runs.filter((run) => run.entry === index).map((run) => run.session_id),
    };
  });
}

function asData(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
