"""A real Prometheus for the checks."""

import json
import os
import socket
import subprocess
import urllib.parse
import urllib.request

from rig import PATIENCE, expect


class Prometheus:
    """A Prometheus that scrapes exporters, and judges rules, every so many seconds, and waits so long for an answer."""

    def __init__(self, folder, *ports, rules=(), seconds=1):
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{chosen.getsockname()[1]}"
        targets = [f"127.0.0.1:{port}" for port in ports]
        settings = {
            "global": dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), f"{seconds}s"),
            "rule_files": list(map(str, rules)),
            "scrape_configs": [{"job_name": "han", "static_configs": [{"targets": targets}]}],
        }
        file = os.path.join(folder, "prometheus.yml")
        with open(file, "w", encoding="utf-8") as config:
            # JSON is YAML as well.
            json.dump(settings, config)
        command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address={self.address}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def call(self, what, **query):
        url = f"http://{self.address}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The one value of an instant query, none if there is no series or no answer yet."""
        try:
            result = self.call("query", query=expression)["result"]
        except OSError:
            return None
        expect(len(result) <= 1, f"{expression} has {len(result)} series")
        return float(result[0]["value"][1]) if result else None
