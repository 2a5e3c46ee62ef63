"""What recipients get and open: the messages that a sink kept, and the pages of [public]."""
import email
import email.policy
import http.client
import re

CHANNEL = 'unsubscribe_url = "https://u.acme.example/u"\nverp = true\n'
PUBLIC = '[public]\nlisten = "127.0.0.1:0"\n'


def port_of(engine):
    return int(re.search(r"public-pages port=(\d+)", engine.log())[1])


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")  # an image is none
    finally:
        connection.close()


def messages(sink):
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted(sink.out.rglob("*.eml"))]
    return {message["To"].addresses[0].addr_spec: message for message in read}


def path_in(message):
    return re.search(r"https://u\.acme\.example(/u/[\w-]+)", message["List-Unsubscribe"])[1]
