/** A version with its document; it never changes, so it is read once. */

import { queryOptions } from "@tanstack/react-query";
import { engineVersion } from "../api/generated/sdk.gen";

export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["strategies", "version", id],
    queryFn: ({ signal }) => engineVersion({ path: { version_id: id }, signal }),
  });
