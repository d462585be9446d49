"""The draft of a report of a serious adverse event, never sent by itself."""
