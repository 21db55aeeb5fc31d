"""Services that hand a nonce to everybody: `standins.py FILE`, in the network namespace it is for.

FILE is a JSON list of {"kind": "tcp"|"udp"|"raw"|"unix", "at": ADDRESS or path, "port": N, "say": TEXT,
"to": URL that tcp redirects to instead}. A path that begins with @ is an abstract socket's name."""

import json
import pathlib
import socket
import sys
import threading
import time

FAMILIES = {True: socket.AF_INET6, False: socket.AF_INET}


def http(row):
    if row.get("to"):
        return f"HTTP/1.0 302 Found\r\nLocation: {row['to']}\r\n\r\n".encode()
    return f"HTTP/1.0 200 OK\r\n\r\n{row['say']}\n".encode()


def answer(client, text):
    with client:
        try:
            client.settimeout(3)
            client.recv(4096)
            client.sendall(text)
        except OSError:
            pass


def greet(client, text):
    with client:
        try:
            client.sendall(text)
        except OSError:
            pass


def serve_stream(listener, talk, text):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=talk, args=(client, text), daemon=True).start()


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
        return serve_stream, (sock, answer, http(row))
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
