"""How long a person waits: `omc up` to the first page, on a new data directory and again on the same one.

Run `python bench/start.py` from a checkout after `make setup`; the page must be built (`make web`).
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

STARTS_AGAIN = 3
PATIENCE_S = 120.0
POLL_S = 0.02


def free_port() -> int:
    """A port nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def first_page_s(data_dir: Path) -> float:
    """Start everything, wait for the page, stop it with Ctrl-C; seconds from the start to the page."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMC_")}  # noqa: TID251
    environment = kept | {"OMC_DATA_DIR": str(data_dir), "OMC_PORT": str(port)}
    started = time.monotonic()
    command = [sys.executable, "-m", "omc.cli", "up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not answers(port):
                if process.poll() is not None or time.monotonic() - started > PATIENCE_S:
                    sys.exit("it did not start; run `omc up` to see why")
                time.sleep(POLL_S)
            return time.monotonic() - started
        finally:
            process.send_signal(signal.SIGINT)


def answers(port: int) -> bool:
    """Whether the page is served."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main() -> None:
    """Print one line a start."""
    with tempfile.TemporaryDirectory() as directory:
        print(f"first start, new database and demo data  {first_page_s(Path(directory)):5.1f} s")
        for _ in range(STARTS_AGAIN):
            print(f"start again                              {first_page_s(Path(directory)):5.1f} s")


if __name__ == "__main__":
    main()
