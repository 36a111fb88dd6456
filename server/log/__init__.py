"""The durable log: entries, the one writer, and the service that answers phones."""
