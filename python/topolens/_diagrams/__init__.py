"""Parts of the functions on persistence diagrams."""
