"""The explorer: a local server, and the pages by which people cluster, label and recognise."""
