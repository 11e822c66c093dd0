"""Health, reports, notifications, metrics and schedules."""
