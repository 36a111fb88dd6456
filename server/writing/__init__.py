"""The one writer of the database: what waits for it, how it groups commits, and the connection that it keeps."""
