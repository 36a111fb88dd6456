"""What comes to pass in a world: what learners and trainers do, and everything that goes wrong."""
