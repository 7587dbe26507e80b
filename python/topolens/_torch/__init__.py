"""The parts of `topolens.torch`; importing one of them imports PyTorch."""
