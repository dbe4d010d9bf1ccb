"""OMC: research, trading and exact books for crypto, self-hosted."""

__version__ = "0.1.0"
