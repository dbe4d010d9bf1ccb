"""What the operating system knows of other processes: which still live, and who holds which lock file."""

import fcntl
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    """A process that can still do work; a zombie or a missing process has no state."""

    pid: int
    program: str


def leave_no_core() -> None:
    """Let no crash of this process, or of its children, write its memory to a file: an open key may be in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def process_state(pid: int) -> ProcessState | None:
    """Tell what lives under this id, or None when nothing does. A zombie answers signals but does no work."""
    if sys.platform == "linux":
        return _from_proc(pid)
    return _from_ps(pid)


def _from_proc(pid: int) -> ProcessState | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The program's name stands in parentheses and may itself contain spaces and parentheses.
    program, _, rest = stat.partition("(")[2].rpartition(")")
    if rest.split()[0] in {"Z", "X"}:
        return None
    return ProcessState(pid=pid, program=program)


def _from_ps(pid: int) -> ProcessState | None:
    found = subprocess.run(  # noqa: S603  a fixed program and a number
        ["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, program = found.stdout.strip().partition(" ")
    if not state or state.startswith("Z"):
        return None
    return ProcessState(pid=pid, program=Path(program.strip()).name)


def working_directory_is(pid: int, directory: Path) -> bool | None:
    """Whether a process works in this directory; None when this system will not say (containers often do not)."""
    try:
        theirs = Path(f"/proc/{pid}/cwd").stat()
        ours = directory.stat()
    except OSError:
        return None
    return (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)


def wait_until(condition: Callable[[], bool], *, timeout_s: float) -> bool:
    """Poll until the condition holds; False when the time is up first."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


class FileLock:
    """An advisory lock on a file: the kernel drops it when its holder dies, so nobody leaves one behind."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is created on first use and never deleted, because deleting it would split the lock."""
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False, timeout_s: float = 0) -> bool:
        """Take the lock, or change how it is held; False when others still hold it after the timeout."""
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        if wait_until(lambda: self._try(kind), timeout_s=timeout_s):
            return True
        self.release()
        return False

    def _try(self, kind: int) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._held(), kind | fcntl.LOCK_NB)
            return True
        return False

    def _held(self) -> int:
        assert self._descriptor is not None, "the lock file is open"
        return self._descriptor

    def release(self) -> None:
        """Let go; harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write(self, text: str) -> None:
        """Leave a note for whoever finds the lock held."""
        os.ftruncate(self._held(), 0)
        os.pwrite(self._held(), text.encode(), 0)

    def read(self) -> str:
        """Read the holder's note."""
        try:
            return self.path.read_text(encoding="utf-8")
        except OSError:
            return ""

    def __enter__(self) -> Self:
        """Let the block decide how to take it; it is released at the end."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Release."""
        self.release()
