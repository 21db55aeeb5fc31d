from escapes.conftest import buildkitd_of_host, machine

__all__ = ["buildkitd_of_host", "machine"]
