"""The command line: arguments in, one library call, pretty output out."""
