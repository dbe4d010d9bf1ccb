/** The look for Mantine: our ramps, sizes and the defaults that keep its parts accessible. */

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#eeeefd",
  "#dadafa",
  "#b4b5f8",
  "#9698f2",
  "#7476e9",
  "#5f61e4",
  "#4a4cda",
  "#3f41c2",
  "#3436a6",
  "#2a2b8a",
];
const dark: MantineColorsTuple = [
  "#e8ebf1",
  "#c2c8d2",
  "#9aa3b2",
  "#838c9c",
  "#2d3343",
  "#232936",
  "#171b24",
  "#11141a",
  "#0d1016",
  "#0a0d12",
];
const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#edf0f3",
  "#e4e7ec",
  "#d0d4db",
  "#c0c6cf",
  "#697281",
  "#565f6e",
  "#434b58",
  "#2b313b",
  "#14171d",
];
const orange: MantineColorsTuple = [
  "#fdebe3",
  "#fbd5c4",
  "#ffb08c",
  "#ff9a6d",
  "#ff8552",
  "#e2602a",
  "#c9470f",
  "#b93a08",
  "#9b3007",
  "#7d2605",
];

const inPlace = { defaultProps: { withinPortal: false } };

export const theme = createTheme({
  colors: { iris, dark, gray, orange },
  primaryColor: "iris",
  primaryShade: 6,
  fontFamily: '"Inter", "Inter Fallback", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "13.5px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  headings: { fontFamily: '"Inter", "Inter Fallback", system-ui, sans-serif', fontWeight: "650" },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    Drawer: { styles: { title: { fontSize: 15, fontWeight: 600 } } },
    Menu: { defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false, shadow: "md" } },
    Combobox: inPlace,
    Select: { defaultProps: { comboboxProps: { withinPortal: false }, allowDeselect: false } },
    Popover: inPlace,
    Tooltip: { defaultProps: { withinPortal: false, openDelay: 300 } },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: { "--mantine-color-body": "var(--omc-ground)", "--mantine-color-dimmed": "var(--omc-dim)" },
  dark: {
    "--mantine-color-text": "#e8ebf1",
    "--mantine-color-default": "#171b24",
    "--mantine-color-default-hover": "#1e2430",
    "--mantine-color-default-border": "#2d3343",
    "--mantine-color-placeholder": "#8b94a4",
    "--mantine-color-error": "#ff8552",
    "--mantine-color-anchor": "#b4b5f8",
  },
  light: {
    "--mantine-color-text": "#14171d",
    "--mantine-color-default-border": "#d0d4db",
    "--mantine-color-placeholder": "#697281",
    "--mantine-color-error": "#b93a08",
    "--mantine-color-anchor": "#4143c8",
  },
});
