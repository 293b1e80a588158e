"""Tiny disks of machines in known states, for the lab's simulated guests.

Each is a whole GPT disk of a few MiB with real file systems, committed compressed, and described in `manifest.json`.
`python -m lab.images.build` makes them again from Debian's tools.
"""

from lab.images.image import DiskImage, ImageError, image_names, open_image

__all__ = ["DiskImage", "ImageError", "image_names", "open_image"]
