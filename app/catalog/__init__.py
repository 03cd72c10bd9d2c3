"""The catalogue: patents that may be listed for sale, brought in one by one or as a file."""
