"""The files of models on this machine: pulled from the Hugging Face hub, or registered where they lie."""
