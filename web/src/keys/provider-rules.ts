/** What a provider's row means for the form. */

import type { ProviderRow } from "../lib/vault";

/** It has no address of its own: a person says where the server answers. */
export function needsAddress(provider: ProviderRow): boolean {
  return provider.takes_base_url && provider.base_url === null;
}

/** Its label without the list of examples behind it. */
export function shortLabel(provider: Pick<ProviderRow, "label">): string {
  return provider.label.replace(/ \([^)]*,[^)]*\)$/, "");
}
