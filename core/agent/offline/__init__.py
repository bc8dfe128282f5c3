"""The brain that needs no model: a grammar of the owner's wishes, for wordings not seen before."""
