"""The HTTP door: every command and query of the shop under ``/v1``, for programs."""
