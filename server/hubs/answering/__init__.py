"""This server above its hubs: what it tells them, and how it takes what they bring."""
