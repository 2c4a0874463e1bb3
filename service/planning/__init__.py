"""What it takes to serve a model for a pack: memory, time, money, and the command line. Asks no server and no GPU."""
