"""What trainers and administrators read: questions to the tables, answered in the API's shapes. Nothing here writes."""
