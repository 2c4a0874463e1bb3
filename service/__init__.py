"""Answers questions: engines, prompts, answers, and the faces that show them."""
