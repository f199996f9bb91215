"""`python -m namaak`: the same as the command `namaak`, for an environment without its script."""

from namaak.cli import main

if __name__ == "__main__":
    main()
