/** What can be done with a key: test at once, the rest in a menu. */

import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots, IconPencil, IconPlugConnected, IconRefresh, IconStar, IconTrash } from "@tabler/icons-react";
import { t } from "../lib/message";
import type { Credential } from "../lib/vault";
import styles from "./keys.module.css";
import type { OnAction } from "./keys-columns";

export function KeyMenu({ credential, onAction }: { credential: Credential; onAction: OnAction }) {
  const { name, state } = credential;
  return (
    <span className={styles.actions}>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlugConnected size={14} aria-hidden="true" />}
        aria-label={t("Test {name}", { name })}
        data-row=""
        onClick={() => onAction("test", credential)}
      >
        {t("Test")}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={30} aria-label={t("More for {name}", { name })}>
            <IconDots size={17} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconStar size={15} aria-hidden="true" />}
            disabled={state === "not_tested"}
            title={state === "not_tested" ? t("A key that was not tested cannot be the default.") : undefined}
            onClick={() => onAction("default", credential)}
          >
            {t("Set as default…")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPencil size={15} aria-hidden="true" />}
            onClick={() => onAction("edit", credential)}
          >
            {t("Rename or change budget…")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconRefresh size={15} aria-hidden="true" />}
            onClick={() => onAction("rotate", credential)}
          >
            {t("Rotate the key…")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="orange"
            leftSection={<IconTrash size={15} aria-hidden="true" />}
            onClick={() => onAction("delete", credential)}
          >
            {t("Delete…")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
