"""Channels that carry a message to a device, a mailbox or a console; they know no patient."""
