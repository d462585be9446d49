"""Staff, phones, their tokens and what the trail keeps of them."""
