/** The dialogs that a key's row opens, one at a time. */

import { t } from "../lib/message";
import type { Credential } from "../lib/vault";
import { Dialog } from "../ui/dialog";
import { DefaultForm } from "./default-form";
import { DeleteForm } from "./delete-form";
import { EditForm } from "./edit-form";
import type { KeyAction } from "./keys-columns";
import { RotateForm } from "./rotate-form";
import { TestPane } from "./test-pane";
import { useFreshKeys } from "./use-fresh-keys";

export type Opened = { action: KeyAction; credential: Credential };
export function KeyDialogs({ opened, onClose }: { opened: Opened | null; onClose: () => void }) {
  const fresh = useFreshKeys();
  const done = () => {
    void fresh();
    onClose();
  };
  return (
    <Dialog
      title={opened ? title(opened) : ""}
      opened={opened !== null}
      onClose={onClose}
      size={opened?.action === "default" || opened?.action === "edit" ? "md" : "lg"}
    >
      {opened ? <Content opened={opened} onDone={done} onClose={onClose} /> : null}
    </Dialog>
  );
}

type ContentProps = { opened: Opened; onDone: () => void; onClose: () => void };

function Content({ opened: { action, credential }, ...rest }: ContentProps) {
  switch (action) {
    case "test":
      return <TestPane credential={credential} {...rest} />;
    case "default":
      return <DefaultForm credential={credential} {...rest} />;
    case "edit":
      return <EditForm credential={credential} {...rest} />;
    case "rotate":
      return <RotateForm credential={credential} {...rest} />;
    case "delete":
      return <DeleteForm credential={credential} {...rest} />;
  }
}

function title({ action, credential: { name } }: Opened): string {
  switch (action) {
    case "test":
      return t("Test {name}", { name });
    case "default":
      return t("Make {name} the default", { name });
    case "edit":
      return t("Change {name}", { name });
    case "rotate":
      return t("Rotate {name}", { name });
    case "delete":
      return t("Delete {name}?", { name });
  }
}
