/** Around every page: the screen itself and the corner for notices. */

import { Outlet } from "@tanstack/react-router";
import { Notices } from "../ui/notices";

export function Root() {
  return (
    <>
      <Outlet />
      <Notices />
    </>
  );
}
