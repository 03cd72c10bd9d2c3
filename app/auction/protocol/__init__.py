"""The verifiable protocol (可验证的竞价记录): signed heads, the bundle, its verifier, and the replay of the rules."""
