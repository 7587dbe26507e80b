"""What the space of networks is made of."""
