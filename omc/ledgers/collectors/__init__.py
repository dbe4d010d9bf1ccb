"""Where candles come from: one file per source and the COLLECTORS table, the only place that names them."""

import importlib
from dataclasses import dataclass

from omc.ledgers.batch import Read
from omc.ledgers.sniff import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """One source. Its module is loaded on first use: `omc --help` and the web process must not pay for Polars."""

    id: str
    label: str
    module: str
    kind: Kind | None
    """What file it reads; None for a source that is no file."""


COLLECTORS: tuple[Collector, ...] = (
    Collector(id="csv", label="CSV file", module="omc.ledgers.collectors.csv_file", kind=Kind.CSV),
    Collector(id="parquet", label="Parquet file", module="omc.ledgers.collectors.parquet_file", kind=Kind.PARQUET),
    Collector(id="synthetic", label="Synthetic markets (generated)", module="omc.ledgers.synthetic", kind=None),
)


def reader(kind: Kind) -> Read:
    """Return the function that reads files of `kind`, loading its module now."""
    collector = next(collector for collector in COLLECTORS if collector.kind is kind)
    read: Read = importlib.import_module(collector.module).read
    return read
