"""Prompts as data files, each with a test."""
