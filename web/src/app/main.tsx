/** Starts the page: theme, queries, routes. */

import "../ui/mantine.css";
import "../ui/tokens.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import { setUpApi } from "../lib/api";
import { ApiError, whenSignedOut } from "../lib/http";
import { theme, variables } from "../ui/theme";
import { makeRouter } from "./routes";
import { schemeManager } from "./scheme";

const STALE_MS = 15_000;

setUpApi();

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
setNonce(nonce);

/** A server on this machine answers although the machine has no network, so nothing waits for one. */
const networkMode = "always";
const client = new QueryClient({
  defaultOptions: {
    queries: { networkMode, staleTime: STALE_MS, retry: worthAnotherTry, refetchOnWindowFocus: true },
    mutations: { networkMode },
  },
});
const router = makeRouter(client);

whenSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/login") return;
  void router.navigate({ to: "/login", search: { next: href } }).then(() => client.clear());
});

/** Once more, and only where the answer may change. */
function worthAnotherTry(failures: number, error: Error): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return failures < 1 && !refused;
}

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="dark"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
