"""Local servers that speak the real protocols of FCM, SMTP and webhooks, with faults on demand."""
