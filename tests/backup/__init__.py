"""Backups, restores, and what a restored database holds back."""
