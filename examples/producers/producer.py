# Puts one job on the queue: HONGYAN_REDIS=127.0.0.1:6379 or /path/to/redis.sock python3 producer.py
import json, os, socket, sys
job = {"v": 1, "id": os.environ.get("HONGYAN_JOB", "hello-python"), "tenant": "acme", "subject": "你好 {{ name }}",
       "from": {"address": "news@acme.example"}, "text": "Hello, {{ name }}", "recipients": {"list": [{"to": "li@acme.example", "vars": {"name": "李"}}]}}
where = os.environ.get("HONGYAN_REDIS", "127.0.0.1:6379"); host, _, port = where.rpartition(":")
redis = socket.socket(socket.AF_UNIX) if where.startswith("/") else socket.create_connection((host, int(port)))
if where.startswith("/"): redis.connect(where)
words = [w.encode() for w in ("XADD", "hongyan:jobs", "*", "job", json.dumps(job))]
redis.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
reply = redis.recv(4096).decode(); print(reply.split("\r\n")[1] or reply); sys.exit(not reply.startswith("$"))
