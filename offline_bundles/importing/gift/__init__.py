"""GIFT: Moodle's text format for questions, as its documentation and the files that people have describe it."""
