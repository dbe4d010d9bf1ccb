import { t } from "../lib/message";
import { Page } from "../ui/page";

export function OverviewScreen() {
  return <Page title={t("Overview")}>{null}</Page>;
}
