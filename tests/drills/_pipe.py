"""A browser driven over two pipes in the DevTools protocol, for those that are too old for today's drivers."""

import contextlib
import json
import os
import subprocess
import time
from pathlib import Path

FLAGS = "--headless --no-sandbox --disable-gpu --single-process --no-zygote --no-first-run --disable-sync --disable-background-networking --remote-debugging-pipe"


class Browser:
    """One page of a browser with the profile `folder`."""

    def __init__(self, program: Path, folder: Path):
        into, out = os.pipe(), os.pipe()

        def place() -> None:  # where the browser looks for them
            os.dup2(into[0], 3)
            os.dup2(out[1], 4)

        command = [str(program), *FLAGS.split(), f"--user-data-dir={folder}", "about:blank"]
        spare = [os.dup(into[0]), os.dup(out[1])]  # so that 3 and 4 can be overwritten
        self.process = subprocess.Popen(command, preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (*spare, into[0], out[1]):
            os.close(fd)
        self.out, self.into, self.number, self.left = into[1], out[0], 0, b""
        target = self.ask("Target.getTargets")["targetInfos"]
        page = next((one["targetId"] for one in target if one["type"] == "page"), None) or self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def ask(self, method: str, session: str | None = None, **params):
        self.number += 1
        said = {"id": self.number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self.out, json.dumps(said).encode() + b"\0")
        while True:
            answer = json.loads(self.heard())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def heard(self) -> bytes:
        while b"\0" not in self.left:
            more = os.read(self.into, 65536)
            if not more:
                raise RuntimeError("the browser is gone")
            self.left += more
        said, _, self.left = self.left.partition(b"\0")
        return said

    def evaluate(self, script: str):
        answer = self.ask("Runtime.evaluate", self.session, expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"].get("exception", answer["exceptionDetails"]))[:300])
        return answer["result"].get("value")

    def go(self, url: str) -> None:
        self.ask("Page.navigate", self.session, url=url)
        self.until(f"location.href.indexOf({json.dumps(url)}) === 0 && document.readyState === 'complete'")

    def until(self, script: str, seconds: float = 10) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(RuntimeError):  # a page on its way
                if self.evaluate(script):
                    return True
            time.sleep(0.1)
        return False

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
