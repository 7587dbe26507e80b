"""The commands of `topolens`, one a module."""
