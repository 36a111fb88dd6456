"""The exchange as it is served: who a device is, its request through the writer, and the same from a carried file."""
