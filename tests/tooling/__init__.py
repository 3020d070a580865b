"""Tests of the tools in scripts/, of the compose file, of backing up."""
