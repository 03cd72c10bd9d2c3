"""The technology trading market (技术交易市场)."""

__version__ = "0.1.0"
