"""What our own checks are worth: one of them is left out or loosened, and a test must notice.

weakenings.py  what is changed in a module: a check left out, a comparison loosened, a bound moved
modules.py     which modules, and which tests must notice
running.py     a test run in which one module is another; the files are never touched
__main__.py    the long run: `make mutants`

Own, small, and without a tool: cosmic-ray and mutmut change files or copies of them and start
Python anew for each change, and neither knows a check from any other statement.
"""
