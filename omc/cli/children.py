"""Child processes of `omc up`: started, watched, started again after a crash, and never outliving their parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

STOP_GRACE_S = 15.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0
LOG_LIMIT_BYTES = 16 * 1024 * 1024
CRASHES_BEFORE_READY = 4


class Child:
    """One command kept running. It reads a pipe from us: when we die, even by kill -9, it sees the end of it."""

    def __init__(self, name: str, arguments: Sequence[str], *, log: Path, keep: Sequence[int] = ()) -> None:
        """Describe it; `arguments` follow `omc`, `keep` are open files that it inherits."""
        self.name = name
        self.log = log
        self.crashes = 0
        self._arguments = tuple(arguments)
        self._keep = tuple(keep)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._not_before = 0.0

    def start(self) -> None:
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches only us."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  our own program with our own arguments
                [sys.executable, "-m", "omc.cli", *self._arguments, "--with-parent"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=self._keep,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def tend(self, say: Callable[[str], None]) -> None:
        """Start it again when it has died, a little later after each crash that follows quickly on another."""
        if self._process is None:
            if time.monotonic() >= self._not_before:
                self.start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._close_pipe()
        self._process = None
        if time.monotonic() - self._started > STEADY_S:
            self.crashes = 0
        pause = min(FIRST_PAUSE_S * 2**self.crashes, LONGEST_PAUSE_S)
        self.crashes += 1
        self._not_before = time.monotonic() + pause
        say(f"The {self.name} stopped unexpectedly ({_how(code)}); starting it again. Its log: {self.log}")

    @property
    def pid(self) -> int | None:
        """The process's number while it lives."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def ask_to_stop(self) -> None:
        """Ask it to finish what it does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self) -> None:
        """Kill it where it has not finished yet."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._close_pipe()
        self._process = None

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for an explanation."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def follow_parent() -> None:
    """In a child: stop like on SIGTERM when the parent's end of our standard input closes."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
