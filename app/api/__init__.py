"""The HTTP and websocket edge: one file a resource."""
