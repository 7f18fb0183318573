"""The addresses of the explorer: each reads a request, asks once, and words the answer."""
