/** Around every page: the screen itself and the corner for notices. */

import { Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Notices } from "../ui/notices";

export function Root(): ReactNode {
  return (
    <>
      <Outlet />
      <Notices />
    </>
  );
}
