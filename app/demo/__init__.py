"""The demo shop: real orders of Online Retail II, and a simulated business around them."""
