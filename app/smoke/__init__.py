"""The smoke test: drives the whole journey against a running market, by its public API and sockets alone."""
