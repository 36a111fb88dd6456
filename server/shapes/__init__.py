"""What the API takes and gives: Pydantic models, by what they are about. The consoles' types are made from these."""
