"""Contracts: drawing up, signing, registration of technology contracts, and the certificate that proves it."""
