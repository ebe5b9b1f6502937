"""A read-only registry: serves the images in /opt/images as the OCI distribution API has them."""

import functools
import http.server
import json
import os
import sys
import urllib.parse
from typing import Any

ADDRESS = ("127.0.0.1", 5000)


class Registry(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_head(self) -> Any:
        self.path = urllib.parse.urlsplit(self.path).path  # containerd asks with ?ns=<the registry it stands for>
        if self.path.rstrip("/") == "/v2":
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        return super().send_head()

    def guess_type(self, path: Any) -> str:
        if os.path.basename(os.path.dirname(path)) != "manifests":
            return "application/octet-stream"
        with open(path) as file:
            return str(json.load(file)["mediaType"])

    def list_directory(self, path: Any) -> None:
        self.send_error(404)


if __name__ == "__main__":
    handler = functools.partial(Registry, directory=sys.argv[1])
    http.server.ThreadingHTTPServer(ADDRESS, handler).serve_forever()
