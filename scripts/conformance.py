"""Runs some tests of one of Paho's suites, as it is, against a broker on any port.

The suites take a port, but then hand their own options to unittest, which does not know them.
"""

import os
import runpy
import sys
import unittest

suite, port, *tests = sys.argv[1:]
main = unittest.main
unittest.main = lambda: main(argv=[suite, *tests])
# Not "-h", which they take for "--help".
sys.argv = [suite, "--hostname=127.0.0.1", "-p", port]
sys.path.insert(0, os.getcwd())
runpy.run_path(suite, run_name="__main__")
