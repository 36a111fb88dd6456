"""Courses that people have already, in other systems' packages, as one model and then as a Tiffin course folder."""
