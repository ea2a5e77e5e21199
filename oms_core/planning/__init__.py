"""Forecasts kept before the fact, so that they can be judged later."""
