"""Who the customers are: RFM, lifetime value, segments as expressions. Frames in, frames out."""
