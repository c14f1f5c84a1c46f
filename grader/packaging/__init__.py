"""Other people's platforms: archives that grade there, what runs inside them, and what can be taken over from them."""
