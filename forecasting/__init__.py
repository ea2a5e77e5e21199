"""What will sell and what to buy: forecasts with quantiles, backtests, replenishment. Frames in, frames out."""
