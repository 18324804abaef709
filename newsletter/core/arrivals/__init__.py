"""A list from elsewhere comes in: its text is read, its format recognised, its columns understood, its rows taken."""
