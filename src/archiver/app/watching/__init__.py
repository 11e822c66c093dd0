"""Watch crawls: reports, health alarms, notifications, metrics and schedules."""
