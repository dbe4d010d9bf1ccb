/** All pages, on screens too narrow for the rail. */

import { Drawer } from "@mantine/core";
import { t } from "../../lib/message";
import { useFocusReturn } from "../../ui/focus-return";
import { NavList } from "./rail";

export function NavDrawer({ onClose }: { onClose: () => void }) {
  useFocusReturn();
  return (
    <Drawer
      opened
      onClose={onClose}
      size={280}
      title={t("All pages")}
      closeButtonProps={{ "aria-label": t("Close") }}
      attributes={{ header: { role: "presentation" } }}
    >
      <NavList label={t("All pages")} onGo={onClose} />
    </Drawer>
  );
}
