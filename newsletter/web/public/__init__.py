"""The public doors: sign-up, confirming, leaving, preferences, and issues in the browser."""
