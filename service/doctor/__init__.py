"""Measures a model's server instead of believing it. Sends text that it makes up, and knows nothing of repositories."""
