"""The peers of an interoperability test as objects: Kamailio, sipregd, a capture of what goes between them."""
