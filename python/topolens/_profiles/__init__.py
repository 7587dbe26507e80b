"""Parts of cubical profiles: feature maps, their Betti numbers, and where they come from."""
