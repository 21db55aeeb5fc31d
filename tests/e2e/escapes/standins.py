"""Services that hand a nonce to everybody: `standins.py FILE`, in the network namespace it is for.

FILE is a JSON list of {"kind": "tcp"|"udp"|"raw"|"unix", "at": ADDRESS or path, "port": N, "say": TEXT,
"to": URL that tcp redirects to instead, "uploads": URL that a registry wants content sent to, "asked":
file that keeps what tcp was asked for}. A path that begins with @ is an abstract socket's name."""

import json
import pathlib
import socket
import sys
import threading
import time

FAMILIES = {True: socket.AF_INET6, False: socket.AF_INET}


# A registry that has nothing, and wants what it gets sent elsewhere.
def registry(to):
    found = {b"POST": f"202 Accepted\r\nLocation: {to}", b"GET ": "200 OK"}
    return lambda question: (f"HTTP/1.1 {found.get(question[:4], '404 Not Found')}\r\n"
                             "Content-Length: 0\r\nConnection: close\r\n\r\n").encode()


def http(row):
    if row.get("uploads"):
        return registry(row["uploads"])
    if row.get("to"):
        return f"HTTP/1.0 302 Found\r\nLocation: {row['to']}\r\n\r\n".encode()
    return f"HTTP/1.0 200 OK\r\n\r\n{row['say']}\n".encode()


def answer(client, text, asked=None):
    with client:
        try:
            client.settimeout(3)
            question = client.recv(4096)
            if asked:
                with open(asked, "ab") as file:
                    file.write(question)
            client.sendall(text(question) if callable(text) else text)
        except OSError:
            pass


def greet(client, text):
    with client:
        try:
            client.sendall(text)
        except OSError:
            pass


def serve_stream(listener, talk, *args):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=talk, args=(client, *args), daemon=True).start()


def serve_packets(sock, text):
    while True:
        data, peer = sock.recvfrom(4096)
        if sock.type == socket.SOCK_RAW and data.endswith(text):
            continue
        try:
            sock.sendto(text, peer)
        except OSError:
            pass


def open_one(row):
    six = ":" in row["at"]
    say = row.get("say", "").encode()
    if row["kind"] == "unix":
        sock = socket.socket(socket.AF_UNIX)
        path = row["at"]
        sock.bind("\0" + path[1:] if path.startswith("@") else path)
        sock.listen()
        return serve_stream, (sock, greet, say)
    if row["kind"] == "tcp":
        sock = socket.socket(FAMILIES[six])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((row["at"], row["port"]))
        sock.listen()
        return serve_stream, (sock, answer, http(row), row.get("asked"))
    if row["kind"] == "udp":
        sock = socket.socket(FAMILIES[six], socket.SOCK_DGRAM)
    else:
        sock = socket.socket(FAMILIES[six], socket.SOCK_RAW, 253)
    sock.bind((row["at"], row.get("port", 0)))
    return serve_packets, (sock, say)


def main():
    for row in json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")):
        work, args = open_one(row)
        threading.Thread(target=work, args=args, daemon=True).start()
    print("ready", flush=True)
    while True:
        time.sleep(3600)


main()
