import { t } from "../lib/message";
import { Page } from "../ui/page";

export function DeploymentScreen() {
  return <Page title={t("Deployment")}>{null}</Page>;
}
