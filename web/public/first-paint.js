// Sets theme and colours before anything is drawn; an inline script would need a hole in the content policy.
(() => {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("omc.preferences") || "{}") || {};
  } catch {
    // Storage may be closed or hold something foreign: the defaults serve.
  }
  const root = document.documentElement;
  const dark = kept.scheme ? kept.scheme === "dark" : true;
  const auto = kept.scheme === "auto" && matchMedia("(prefers-color-scheme: light)").matches;
  root.setAttribute("data-mantine-color-scheme", dark || (kept.scheme === "auto" && !auto) ? "dark" : "light");
  root.setAttribute("data-gain", kept.gain || "teal");
  root.setAttribute("data-density", kept.density || "roomy");
})();
