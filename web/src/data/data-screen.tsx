import { t } from "../lib/message";
import { Page } from "../ui/page";

export function DataScreen() {
  return <Page title={t("Data")}>{null}</Page>;
}
