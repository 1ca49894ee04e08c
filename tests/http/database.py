"""database.py: the server's own database, asked by psql as one of its two roles."""

import subprocess


def psql(server, role, text):
    """The values of all results, as words."""
    place = (server.data / "postgres").resolve()
    command = ["psql", "-h", str(place), "-U", role, "-d", "narada", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", f"set search_path = narada; {text}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
