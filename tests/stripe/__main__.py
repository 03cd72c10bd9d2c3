"""Serves the stand-in for a demonstration: python -m tests.stripe PORT, with the settings that it prints."""

from __future__ import annotations

import sys

import uvicorn

from tests.stripe.speaking import SECRET_KEY, WEBHOOK_SECRET, Speaking

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12111
sys.stdout.write(
    f"STRIPE_API_BASE=http://127.0.0.1:{PORT} STRIPE_SECRET_KEY={SECRET_KEY} "
    f"STRIPE_WEBHOOK_SECRET={WEBHOOK_SECRET}\n"
)
uvicorn.run(Speaking(), port=PORT, lifespan="off", log_level="warning")
