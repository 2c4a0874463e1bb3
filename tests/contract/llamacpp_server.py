"""Runs llama.cpp's own HTTP server, as xllamacpp's wheel carries it: `llamacpp_server.py FILE PORT`.

Writes its address when it listens, and ends with its standard input.
"""

import sys

import xllamacpp


def main(file: str, port: int) -> None:
    """Serves a GGUF on loopback."""
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {"tiny-llama"}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = 0  # the model's own
    params.n_parallel = 1
    params.endpoint_metrics = True
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201 - whoever started it waits for this line
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
