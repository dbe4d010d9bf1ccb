"""The port that OMC listens on: opened once, kept over a crash of the web process, asked whether it answers."""

import errno
import socket
import time
import urllib.error
import urllib.request

from omc.kit.errors import InstallationError
from omc.settings import Settings

BACKLOG = 256
PROBE_TIMEOUT_S = 2.0
RETRY_S = 0.1


def listen(settings: Settings, *, patience_s: float = 0) -> socket.socket:
    """Open the listening socket, or say who to ask when the port is taken."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise _explain(error, settings) from None
        time.sleep(RETRY_S)


def _explain(error: OSError, settings: Settings) -> InstallationError:
    where = f"port {settings.port} on {settings.host}"
    match error.errno:
        case errno.EADDRINUSE:
            text = f"Another program uses {where}. Stop it, or choose a free port with OMC_PORT."
        case errno.EACCES:
            text = f"This user may not listen on {where}. Choose a port above 1023 with OMC_PORT."
        case _:
            text = f"Cannot listen on {where}: {error.strerror}. Check OMC_HOST and OMC_PORT."
    return InstallationError("port", text)


def answers(settings: Settings) -> bool:
    """Whether the page is served and everything behind it is ready."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{host}:{settings.port}/readyz", timeout=PROBE_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
