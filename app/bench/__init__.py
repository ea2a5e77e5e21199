"""Side-by-side measurements: ours and a peer in turn, in one run, as ratios."""
