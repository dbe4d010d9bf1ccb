"""The app's own measurements: OpenTelemetry instruments, and their Prometheus text.

The web framework itself measures requests by route template as soon as `install` was called.
"""

import functools
from dataclasses import dataclass

from opentelemetry import metrics
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CollectorRegistry, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
meter = metrics.get_meter("omc")
"""Makes every instrument; what is recorded before a door calls `install` is dropped. Labels come from short lists."""

_streams = meter.create_up_down_counter("omc.streams.open", description="Event streams being followed")
_refusals = meter.create_counter("omc.refusals", description="Refusals by code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Renders what was measured in this process."""

    registry: CollectorRegistry

    def text(self) -> bytes:
        """Return the Prometheus exposition text."""
        return generate_latest(self.registry)


@functools.cache
def install() -> Exporter:
    """Start measuring in this process; called at a door, any number of times."""
    registry = CollectorRegistry()
    reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=registry)
    metrics.set_meter_provider(MeterProvider(metric_readers=[reader]))
    return Exporter(registry=registry)


def refused(code: str) -> None:
    """Count a refusal."""
    _refusals.add(1, {"code": code})


def stream_opened() -> None:
    """Count an event stream in."""
    _streams.add(1)


def stream_closed() -> None:
    """Count an event stream out."""
    _streams.add(-1)
