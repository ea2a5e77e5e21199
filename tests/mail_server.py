"""A mail server on this machine that really speaks SMTP, and can refuse, put off, be slow or fall silent."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Post:
    """What the server does and what it got."""

    refuse: dict[str, str] = field(default_factory=dict)
    greeting: str = "220 stand-in"
    slow_seconds: float = 0.0
    silent_after_data: bool = False
    taken: list[tuple[str, tuple[str, ...], EmailMessage]] = field(default_factory=list)
    port: int = 0

    def boxes(self) -> list[str]:
        """Return every address a mail was taken for, once a mail."""
        return [address for _sender, recipients, _mail in self.taken for address in recipients]


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.sender, self.recipients = "", list[str]()
        self.say(self.server.post.greeting)
        for raw in self.rfile:
            time.sleep(self.server.post.slow_seconds)
            word, _colon, rest = raw.decode().strip().partition(":")
            word = word.upper().split(" ")[0]
            if word == "DATA":
                if not self.take():
                    return
            else:
                self.say(self.answered(word, rest.partition("<")[2].partition(">")[0]))
            if word == "QUIT":
                return

    def answered(self, word: str, address: str) -> str:
        if word == "MAIL":
            self.sender = address
        elif word == "RCPT":
            said = self.server.post.refuse.get(address, "250 ok")
            self.recipients += [address] if said.startswith("250") else []
            return said
        known = {"EHLO": "250 stand-in", "HELO": "250 stand-in", "MAIL": "250 ok", "RSET": "250 ok", "QUIT": "221 bye"}
        return known.get(word, "502 no")

    def take(self) -> bool:
        """Take the mail; False when the connection is to fall silent."""
        self.say("354 go on")
        data = b"".join(iter(self.rfile.readline, b".\r\n")).replace(b"\r\n..", b"\r\n.")
        mail = message_from_bytes(data, policy=policy.default)
        self.server.post.taken.append((self.sender, tuple(self.recipients), mail))  # type: ignore[arg-type]
        if not self.server.post.silent_after_data:
            self.say("250 taken")
        return not self.server.post.silent_after_data

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    post: Post


@contextmanager
def serving(post: Post) -> Iterator[Post]:
    """Serve inside the block, at the port of the last time if there was one."""
    with _Server(("127.0.0.1", post.port), _Talk) as server:
        server.post, post.port = post, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield post
        finally:
            server.shutdown()
            thread.join()
