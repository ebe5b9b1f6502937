"""What is in an image, read from a registry or an archive without running it and without keeping its layers.

    contents = read("nginx:1.27")
    contents.find("sh")               # Program(path='/usr/bin/sh', file='/usr/bin/dash')
    contents.can_run("/bin/bash")     # True
    contents.entry()                  # {"name": …, "tag": …, "lacks": […]}, for the pack's configuration

`inspected` is the same with a cache, for a command that reads many images again and again.
"""

from .contents import INTEREST, Contents, Program
from .errors import ImageError
from .manifests import Platform
from .reader import inspected, read

__all__ = ["INTEREST", "Contents", "ImageError", "Platform", "Program", "inspected", "read"]
