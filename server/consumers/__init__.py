"""What follows the log: grades, read models, the record of conflicts, analytics."""
