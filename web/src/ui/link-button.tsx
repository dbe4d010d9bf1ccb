/** A button that leads somewhere: looks like one, is a link, and its address is checked. */

import { Button } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

export const LinkButton = createLink(Button<"a">);
