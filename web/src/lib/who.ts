/** Who sits at this browser, asked so that a stranger's first visit makes no request that must fail. */

import { identityMe, identitySetupState } from "../api/generated/sdk.gen";
import type { Me } from "../api/generated/types.gen";
import { ApiError, rememberCsrf } from "./http";
import { t } from "./message";

/** Only a hint, which saves those who sign in here a request: who is signed in, the server decides. */
const KEY = "omc.signed-in-here";

export async function askMe(signal: AbortSignal): Promise<Me> {
  if (!isHinted() && !(await identitySetupState({ signal })).signed_in) throw stranger();
  try {
    const me = await identityMe({ signal });
    known(me);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) hint(false);
    throw error;
  }
}

/** The server has told who this is. */
export function known(me: Me): void {
  rememberCsrf(me.csrf);
  hint(true);
}

function stranger(): ApiError {
  return new ApiError({ status: 401, code: "not_signed_in", detail: t("Sign in first.") });
}

function isHinted(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function hint(yes: boolean): void {
  try {
    if (yes) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage the server is asked first, each time.
  }
}
