"""What must hold, after every step and in the end, whatever came to pass."""
