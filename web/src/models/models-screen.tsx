import { t } from "../lib/message";
import { Page } from "../ui/page";

export function ModelsScreen() {
  return <Page title={t("Models")}>{null}</Page>;
}
