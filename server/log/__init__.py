"""The durable log: its entries, what lies in segments, what is parked or in quarantine, and what devices lack of it."""
