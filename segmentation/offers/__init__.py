"""What to offer to whom: what they buy again, what those with their taste buy, what sells now, at prices they pay.

Lines of orders in, SKUs out; judged on orders that came later against what is simpler (`trial.backtest`).
"""
