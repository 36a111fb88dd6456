"""Organisations, accounts, learners, join codes, devices: who there is, and how they come and go."""
