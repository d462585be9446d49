"""What an operator runs: the image, the compose file, the proxy, the dashboard and the alert rules."""
