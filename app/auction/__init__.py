"""Bidding (网络竞价): pure rules, the desk, the close and the verifiable protocol."""
