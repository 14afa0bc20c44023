"""The torch backend of unifw, found through the entry-point group `unifw.backends`."""
