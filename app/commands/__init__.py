"""One file a command; each has ``main(arguments) -> exit code`` and loads what it needs."""
