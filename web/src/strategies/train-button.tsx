/** Asks for a training and follows it to the model; closed before that, it goes on and stands above the models. */

import { Button } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { Buttons, Dialog } from "../ui/dialog";
import { LinkButton } from "../ui/link-button";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { TrainForm } from "./train-form";
import { trainingQuery } from "./trained-data";
import { TrainingLine } from "./training-line";

export function TrainButton() {
  const [opened, setOpened] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const close = () => {
    setOpened(false);
    setAsked(null);
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconSchool size={16} aria-hidden="true" />}
        onClick={() => setOpened(true)}
      >
        {t("Train a model")}
      </Button>
      <Dialog title={t("Train a model")} opened={opened} onClose={close} size="lg">
        {asked ? <Followed id={asked} onClose={close} /> : <Asking onAsked={setAsked} onClose={close} />}
      </Dialog>
    </>
  );
}

function Asking({ onAsked, onClose }: { onAsked: (id: string) => void; onClose: () => void }) {
  const { data, error, refetch } = useQuery(seriesQuery);
  if (error) return <ErrorState error={error} what={t("The candles could not be read.")} retry={refetch} />;
  if (!data) return <LoadingRows rows={8} />;
  if (data.items.length === 0) {
    return (
      <EmptyState
        text={t("There are no candles yet to learn from.")}
        action={<LinkButton to="/data">{t("Get candles")}</LinkButton>}
      />
    );
  }
  return <TrainForm series={data.items} onAsked={onAsked} onClose={onClose} />;
}

function Followed({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(trainingQuery(id));
  const client = useQueryClient();
  const navigate = useNavigate();
  const model = data?.model;
  useEffect(() => {
    if (!model) return;
    client.invalidateQueries({ queryKey: ["trained"] });
    navigate({ to: "/strategies/models/$model", params: { model } });
  }, [model, client, navigate]);
  if (error) return <ErrorState error={error} what={t("The training could not be read.")} retry={refetch} />;
  return (
    <>
      {data ? <TrainingLine training={data} /> : <LoadingRows rows={2} />}
      <Buttons>
        <Button variant="default" onClick={onClose}>
          {t("Close")}
        </Button>
      </Buttons>
    </>
  );
}
