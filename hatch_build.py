"""The package builder's hook: a wheel without the built page would serve an empty address, so it is refused."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageIsBuilt(BuildHookInterface):
    """Stop a wheel (not an editable install) whose page is missing."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Check before files are collected."""
        del build_data
        if (
            self.target_name == "wheel"
            and version != "editable"
            and not Path(self.root, "omc/static/index.html").exists()
        ):
            raise RuntimeError("omc/static/index.html is missing: build the page first with `omc web build`")
