import { t } from "../lib/message";
import { Page } from "../ui/page";

export function TradingScreen() {
  return <Page title={t("Trading")}>{null}</Page>;
}
