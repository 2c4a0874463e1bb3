"""KV that outlives the server: chunks of it in files, checked at every load, the longest unused evicted first.

`connector` is what vLLM is told to load; `on_disk` is what another process may ask. Modules up to `folder` know nothing
of vLLM.
"""
