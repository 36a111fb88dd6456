"""This server as a hub: its rounds to the one above, what it was told, and what it keeps to hand on."""
