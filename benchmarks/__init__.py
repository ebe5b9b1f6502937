"""What the project costs, beside what it is compared with; README.md has the figures."""
