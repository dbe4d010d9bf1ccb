/** A dialog over the page: named, closable, focus returns to the opener; a sheet from below on phones. */

import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import styles from "./dialog.module.css";
import { useFocusReturn } from "./focus-return";

type DialogProps = {
  title: string;
  opened: boolean;
  onClose: () => void;
  size?: "sm" | "md" | "lg" | "xl";
  children: ReactNode;
};

export function Dialog({ title, opened, onClose, size = "md", children }: DialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      closeButtonProps={{ "aria-label": t("Close") }}
      attributes={{ header: { role: "presentation" } }}
      classNames={{ inner: styles.inner ?? "", content: styles.content ?? "", title: styles.title ?? "" }}
      overlayProps={{ backgroundOpacity: 0.65, blur: 2 }}
      transitionProps={{ duration: 120 }}
    >
      <FocusReturn />
      {children}
    </Modal>
  );
}

/** Stands inside, so that it lives as long as the dialog is open. */
function FocusReturn() {
  useFocusReturn();
  return null;
}

/** The row of buttons at a dialog's or form's end, the safe one first. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}
