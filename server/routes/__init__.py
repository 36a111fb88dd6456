"""The addresses, one module for each kind of caller. A route authorises, parses, calls one thing, and returns."""
