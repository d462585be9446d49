"""Local servers that speak the real protocols of FCM, SMTP, webhooks and Web Push, with faults on demand."""
