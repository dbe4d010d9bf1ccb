/** Asks this session's question again every day or week, with its model, its key and its cap. */

import { Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { labAddSchedule } from "../api/generated/sdk.gen";
import type { NewSchedule, SessionAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { newKey } from "./key";
import { WEEKDAYS, type Weekday } from "./schedule-words";

type ScheduleDialogProps = { session: SessionAnswer; opened: boolean; onClose: () => void };

export function ScheduleDialog({ session, opened, onClose }: ScheduleDialogProps) {
  return (
    <Dialog title={t("Ask it on a schedule")} opened={opened} onClose={onClose}>
      <ScheduleForm session={session} onClose={onClose} />
    </Dialog>
  );
}

function ScheduleForm({ session, onClose }: Omit<ScheduleDialogProps, "opened">) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [weekday, setWeekday] = useState<Weekday | "">("");
  const [at, setAt] = useState("06:00");
  const key = useRef(newKey());
  const add = useMutation({
    mutationFn: () =>
      labAddSchedule({ body: scheduleOf(session, weekday, at), headers: { "Idempotency-Key": key.current } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["schedules"] });
      onClose();
      await navigate({ to: "/research/schedules" });
    },
  });
  return (
    <ConfirmForm
      label={t("Ask it on a schedule")}
      button={t("Keep this schedule")}
      ready={/^\d\d:\d\d$/.test(at)}
      sending={add.isPending}
      error={add.error}
      onConfirm={() => add.mutate()}
      onClose={onClose}
    >
      <p>{t("Each time a new session asks: “{goal}”", { goal: session.goal })}</p>
      <Select
        label={t("How often")}
        data={[{ value: "", label: t("Every day") }, ...WEEKDAYS]}
        value={weekday}
        allowDeselect={false}
        onChange={(next) => setWeekday((next ?? "") as Weekday | "")}
      />
      <TextInput type="time" label={t("At (UTC)")} value={at} onChange={(event) => setAt(event.currentTarget.value)} />
    </ConfirmForm>
  );
}

function scheduleOf(session: SessionAnswer, weekday: Weekday | "", at: string): NewSchedule {
  const { goal, model, symbol, timeframe, credential_id, cap, fallback } = session;
  const paid = credential_id === null ? {} : { credential_id, cap, fallback };
  const when = weekday ? { every: "week" as const, weekday } : { every: "day" as const };
  return { goal, model, symbol, timeframe, ...paid, ...when, at };
}
