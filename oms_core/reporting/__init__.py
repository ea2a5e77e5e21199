"""What the shop tells people by itself: saved questions, mailed reports, checks of its numbers, alarms."""
