/** The stop dialog's buttons, the safe one first. */

import { Button } from "@mantine/core";
import { IconHandStop, IconPlayerPlay } from "@tabler/icons-react";
import type { Stop } from "../../api/generated/types.gen";
import { t } from "../../lib/message";
import { Buttons } from "../../ui/dialog";
import { stopWord } from "./stop-choices";
import type { Stopping } from "./use-stopping";

type StopButtonsProps = { stopping: Stopping; chosen: Stop; onClose: () => void };

export function StopButtons({ stopping, chosen, onClose }: StopButtonsProps) {
  const { level, told, over, stop, resume } = stopping;
  return (
    <Buttons>
      <Button variant="default" onClick={onClose} data-autofocus="">
        {level !== "nothing" || told ? t("Close") : t("Keep trading")}
      </Button>
      {over || level === "entries" ? (
        <Button
          variant={over ? "filled" : "default"}
          leftSection={<IconPlayerPlay size={17} aria-hidden="true" />}
          loading={resume.isPending}
          onClick={() => resume.mutate()}
        >
          {over ? t("Allow trading again") : t("Allow entries again")}
        </Button>
      ) : null}
      {over ? null : (
        <Button
          color="orange.7"
          leftSection={<IconHandStop size={17} aria-hidden="true" />}
          loading={stop.isPending}
          onClick={() => stop.mutate(chosen)}
        >
          {told ? t("Stop again") : stopWord(chosen)}
        </Button>
      )}
    </Buttons>
  );
}
