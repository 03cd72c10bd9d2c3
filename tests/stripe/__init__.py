"""Our stateful stand-in of Stripe, and what holds it and our requests to Stripe's published descriptions."""
