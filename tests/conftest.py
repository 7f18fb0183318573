"""What all tests share."""


def pytest_make_parametrize_id(config, val, argname):
    """Name bytes by their length: what gzip packs holds the time, and names must not change.

    Parallel runs refuse tests whose names differ from one process to the next.
    """
    return f"{argname}-of-{len(val)}-bytes" if isinstance(val, bytes) else None
