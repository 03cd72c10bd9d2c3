"""Live watching: frames, the hub of this process, the relay between processes."""
