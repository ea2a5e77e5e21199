"""Pages: `build` turns facts into words and figures, `render` draws them."""
