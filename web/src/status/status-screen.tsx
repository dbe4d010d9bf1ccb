import { t } from "../lib/message";
import { Page } from "../ui/page";

export function StatusScreen() {
  return <Page title={t("Status")}>{null}</Page>;
}
