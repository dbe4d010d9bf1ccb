/** What can be done with a model. */

import { ActionIcon, Menu } from "@mantine/core";
import { IconCoin, IconDots, IconFlask, IconScale, IconStar } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { t } from "../lib/message";
import { type ComparedModel, isOwnPrice } from "../lib/vault";
import type { ModelActions } from "./model-columns";
import { isRules, modelKey } from "./model-words";

export function ModelMenu({ row, actions }: { row: ComparedModel; actions: ModelActions }) {
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t("More for {model}", { model: row.model })}>
          <IconDots size={17} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconFlask size={15} aria-hidden="true" />}
          onClick={() => void navigate({ to: "/research/new", search: { model: modelKey(row) } })}
        >
          {t("Research with it…")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconStar size={15} aria-hidden="true" />}
          disabled={actions.isDefault(row)}
          onClick={() => actions.use(row)}
        >
          {t("Use as default")}
        </Menu.Item>
        {isRules(row) ? null : (
          <Menu.Item leftSection={<IconCoin size={15} aria-hidden="true" />} onClick={() => actions.price(row)}>
            {isOwnPrice(row.price) ? t("Change its price…") : t("Enter its price…")}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconScale size={15} aria-hidden="true" />}
          onClick={() => void navigate({ to: "/ai/evals", search: { new: modelKey(row) } })}
        >
          {t("Bake-off with it…")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
