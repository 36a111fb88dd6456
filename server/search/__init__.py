"""Finding what is taught: a catalogue of every published course, in any language and script.

words     how text is cut into words, the same for what is indexed and for what is asked
entries   what of a release can be found
snippets  the stretch of a text around what was found
asking    a question, and what answers it: the port that a catalogue has
sqlite    the catalogue beside a server's SQLite: FTS5, a file of its own
postgres  the catalogue in PostgreSQL: its own full text, a schema of its own
filling   the catalogue kept up with what is published
"""
