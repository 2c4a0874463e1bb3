"""Tokenizers of models, an adapter a module; `opening.py` chooses. No text, whatever it says, gives a control token."""
