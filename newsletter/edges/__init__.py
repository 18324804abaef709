"""The outside world: each module knows one foreign system and translates its errors in one table."""
