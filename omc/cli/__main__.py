"""`python -m omc.cli` is the `omc` command: how `omc up` starts its children with the same interpreter."""

from omc.cli import main

main()
