"""Scores that guess how well a pre-trained network will transfer: one definition a file."""
