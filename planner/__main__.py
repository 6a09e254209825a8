"""`python -m planner` is the same as `planner`."""

from planner.cli import main

# a second process imports this module under another name, and must not begin anew
if __name__ == "__main__":
    main()
