"""Runs containers of rendered pods on this machine as a node's kubelet would, without images or a cluster.

    with Node(rendered_text, secrets, folder) as node:
        engine = node.start("StatefulSet", "hongyan")
        engine.wait_ready()

What the pod's spec says is done: command and args, environment (fields and Secrets), mounts with the
modes they get there, user and groups, no new privileges, read-only root, sysctls, probes, preStop,
grace. A Node is a network, mount and process namespace of its own: loopback only, and what runs in
it ends with it. Needs root.
"""
import ctypes
import http.client
import os
import pathlib
import re
import signal
import stat
import subprocess
import threading
import time

import image
from chart import objects

_libc = ctypes.CDLL(None, use_errno=True)
_NEWNET = 0x40000000
_FOLDERS = ("usr", "etc/ssl")  # of the image; for redis-server, of this machine


def wait_until(probe, seconds, what):
    end = time.monotonic() + seconds
    while True:
        try:
            got = probe()
        except OSError:
            got = None
        if got:
            return got
        assert time.monotonic() < end, f"not within {seconds} s: {what()}"
        time.sleep(0.1)


class Node:
    def __init__(self, text, secrets, folder, name="mail-1.example.cn", names=()):
        self.objects, self.secrets, self.folder, self.name = objects(text), secrets, pathlib.Path(folder), name
        self.names = ["localhost", *names]

    def __enter__(self):
        self.keeper = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
             "mount --make-rprivate / && ip link set lo up && echo up && exec sleep infinity"],
            stdout=subprocess.PIPE, text=True, preexec_fn=lambda: _libc.prctl(1, signal.SIGKILL))
        assert self.keeper.stdout.readline() == "up\n", "needs root, unshare and iproute2"
        self.init = only_child(self.keeper.pid)
        return self

    def __exit__(self, *_):
        self.keeper.kill()
        self.keeper.wait()

    def enter(self, *words):
        return ["nsenter", "--net", "--mount", "--pid", "--target", str(self.init), "--", *map(str, words)]

    def run(self, *words, **options):
        return subprocess.run(self.enter(*words), capture_output=True, text=True, timeout=120, **options)

    def spawn(self, *words):
        """A program that is no pod: a Redis outside of the cluster, a receiver."""
        return subprocess.Popen(self.enter(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def get(self, port, path, headers=()):
        """Status and text, asked from inside."""
        answer = []

        def ask():
            with open(f"/proc/{self.init}/ns/net") as network:
                _libc.setns(network.fileno(), _NEWNET)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", path, headers=dict(headers))
                got = connection.getresponse()
                answer.append((got.status, got.read().decode()))
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
        thread = threading.Thread(target=ask)  # a thread has its own network namespace
        thread.start()
        thread.join()
        return answer[0] if answer else (0, "")

    def start(self, kind, name, config=None, sysctls=True):
        """The container of a StatefulSet's pod 0 or of a Job; `config` stands in for a ConfigMap's hongyan.toml."""
        return Container(self, self.objects[(kind, name)], config, sysctls)

    def run_job(self, name, config=None):
        job = self.start("Job", name, config)
        return job.wait(60), job.log()


class Container:
    def __init__(self, node, owner, config, sysctls):
        self.node, self.config = node, config
        self.pod = owner["spec"]["template"]["spec"]
        self.spec = self.pod["containers"][0]
        self.pod_name = owner["metadata"]["name"] + ("-0" if owner["kind"] == "StatefulSet" else "")
        self.claims = [claim["metadata"]["name"] for claim in owner["spec"].get("volumeClaimTemplates", [])]
        self.ports = {port["name"]: port["containerPort"] for port in self.spec.get("ports", [])}
        self.env = {one["name"]: self._value(one) for one in self.spec.get("env", [])}
        self.root = node.folder / f"{self.pod_name}-{time.monotonic_ns()}"
        self.root.mkdir(parents=True)
        self.log_path = self.root.with_suffix(".log")
        if sysctls:
            for one in self.pod["securityContext"].get("sysctls", []):
                assert node.run("sysctl", "-q", "-w", f"{one['name']}={one['value']}").returncode == 0
        self._make_root()
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(node.enter(*self._entry(self._words())), stdout=log, stderr=log)

    def pid(self):
        return only_child(self.process.pid)

    def _value(self, one):
        source = one.get("valueFrom", {})
        if "fieldRef" in source:
            return {"metadata.name": self.pod_name, "spec.nodeName": self.node.name}[source["fieldRef"]["fieldPath"]]
        if "secretKeyRef" in source:
            return self.node.secrets[source["secretKeyRef"]["name"]][source["secretKeyRef"]["key"]]
        return one["value"]

    def _words(self):
        expand = lambda word: re.sub(r"\$\((\w+)\)", lambda at: self.env[at[1]], word)
        return [expand(word) for word in self.spec["command"] + self.spec.get("args", [])]

    def _entry(self, words):
        user = self.pod["securityContext"]
        assert user["runAsNonRoot"] and self.spec["securityContext"]["capabilities"]["drop"] == ["ALL"]
        return ["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", *(f"{k}={v}" for k, v in self.env.items()),
                "setpriv", "--no-new-privs", "/usr/sbin/chroot", f"--userspec={user['runAsUser']}:{user['runAsGroup']}",
                f"--groups={user['fsGroup']}", self.root, *words]

    def _make_root(self):
        base = image.unpacked() if self.spec["command"][0] == "hongyan" else pathlib.Path("/")
        for folder in ("etc", "proc", "dev", *_FOLDERS):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "etc/hosts").write_text("127.0.0.1 " + " ".join(self.node.names) + "\n")
        (self.root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        mounts = [f"mount -t proc proc {self.root}/proc"]
        for device in ("null", "urandom", "random"):
            (self.root / "dev" / device).touch()
            mounts.append(f"mount --bind /dev/{device} {self.root}/dev/{device}")
        for name in ("lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        mounts += [f"mount --bind {base / one} {self.root / one}" for one in _FOLDERS]
        for mount in self.spec["volumeMounts"]:
            mounts += self._mount(mount)
        if self.spec["securityContext"]["readOnlyRootFilesystem"]:
            mounts += [f"mount --bind {self.root} {self.root}", f"mount -o remount,bind,ro {self.root}"]
            # The bind hides what was mounted below; so it comes first.
            mounts = mounts[-2:] + mounts[:-2]
        done = self.node.run("sh", "-ec", "\n".join(mounts))
        assert done.returncode == 0, done.stderr

    def _mount(self, mount):
        target = self.root / mount["mountPath"].lstrip("/")
        if mount["name"] in self.claims:
            data = self.node.folder / mount["name"]
            data.mkdir(exist_ok=True)
            os.chown(data, -1, self.pod["securityContext"]["fsGroup"])
            data.chmod(0o2775)
            target.mkdir(parents=True)
            return [f"mount --bind {data} {target}"]
        volume = next(one for one in self.pod["volumes"] if one["name"] == mount["name"])
        for path, text, mode in self._contents(volume):
            file = target if "subPath" in mount else target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            os.chown(file, 0, self.pod["securityContext"]["fsGroup"])
            file.chmod(mode)
        return []

    def _contents(self, volume):
        """(path, text, mode) of each file; with fsGroup the group may read what its owner may."""
        if "configMap" in volume:
            for path, text in self.node.objects[("ConfigMap", volume["configMap"]["name"])]["data"].items():
                yield path, self.config or text, 0o644
        elif "secret" in volume:
            mode = volume["secret"]["defaultMode"] | stat.S_IRGRP
            for path, text in self.node.secrets[volume["secret"]["secretName"]].items():
                yield path, text, mode
        else:
            for source in volume["projected"]["sources"]:
                for item in source["secret"]["items"]:
                    text = self.node.secrets[source["secret"]["name"]][item["key"]]
                    yield item["path"], text, volume["projected"]["defaultMode"] | stat.S_IRGRP

    def exec(self, *words):
        """`kubectl exec`."""
        return self.node.run(*self._entry(words))

    def log(self):
        return self.log_path.read_text(errors="replace")

    def probe(self, name):
        asked = self.spec[name]["httpGet"]
        return self.node.get(self.ports[asked["port"]], asked["path"])

    def wait_started(self):
        def look():
            assert self.process.poll() is None, f"exit {self.process.returncode}: {self.log()[-2000:]}"
            return self.probe("startupProbe")[0] == 200
        wait_until(look, 60, self.log)
        return self

    def wait_ready(self):
        self.wait_started()
        wait_until(lambda: self.probe("readinessProbe")[0] == 200, 60, lambda: self.probe("readinessProbe"))
        return self

    def status(self):
        text = pathlib.Path(f"/proc/{self.pid()}/status").read_text()
        return dict(re.findall(r"^(\w+):\s*(.*)$", text, flags=re.M))

    def wait(self, seconds):
        return self.process.wait(seconds)

    def stop(self):
        """preStop, SIGTERM, and the exit code if it comes within the grace."""
        pause = self.spec.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        time.sleep(pause)
        os.kill(self.pid(), signal.SIGTERM)
        return self.wait(self.pod["terminationGracePeriodSeconds"] - pause)


def only_child(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return int(wait_until(lambda: children.read_text().split(), 30, lambda: f"no child of {pid}")[0])
