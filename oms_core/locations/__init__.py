"""Where things are sold and kept: channels, markets, locations."""
