"""Who may ask: sessions, the same-origin check, rate limits."""
