"""Hosts: network namespaces on one switch, each with an address of its own, to be cut off and healed.

    net = Network(w)
    redis, e1 = net.host("redis"), net.host("e1")
    net.cut(e1)                    its port of the switch goes down: nobody hears it, nobody tells it
    net.cut(e1, redis)             these two lose each other's packets; all others still hear both
    net.heal(e1)

A namespace lives as long as the process that holds it, and that dies with the test: nothing is left behind,
and the machine's own network is not touched. Needs root and iproute2.
"""
import json
import os
import shutil
import subprocess

from harness import Process, wait_until

NOBODY = "02:00:00:00:00:fe"  # a hardware address that no port has


def missing():
    """Why this machine cannot have hosts; empty: it can."""
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("ip", "nsenter", "unshare"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    tried = subprocess.run(["unshare", "--net", "sh", "-c", "ip link add t0 type bridge && ip link add t1 type veth peer t2"],
                           capture_output=True, text=True)
    return f"this machine forbids namespaces: {tried.stderr.strip()}" if tried.returncode else ""


class Host:
    def __init__(self, world, name, address):
        self.name, self.address = name, address
        self.holder = Process(world, f"host-{name}", ["unshare", "--net", "sleep", "infinity"]).spawn()
        own = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{self.pid}/ns/net") != own, 30, "a namespace")

    @property
    def pid(self):
        return self.holder.proc.pid

    def words(self, words):
        """This command, as it is said on this host."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words]

    def run(self, *words):
        return subprocess.run(self.words(words), check=True, capture_output=True, text=True).stdout

    def hardware(self):
        return json.loads(self.run("ip", "-j", "link", "show", "eth0"))[0]["address"]


class Network:
    """10.77.0.0/24, in a namespace of its own."""
    RANGE = "10.77.0.0/24"

    def __init__(self, world):
        self.world, self.hosts = world, []
        self.switch = Host(world, "switch", None)
        self.switch.run("ip", "link", "add", "br0", "type", "bridge")
        self.switch.run("ip", "link", "set", "br0", "up")

    def host(self, name):
        made = Host(self.world, name, f"10.77.0.{len(self.hosts) + 1}")
        self.switch.run("ip", "link", "add", f"p-{name}", "type", "veth", "peer", "name", "eth0", "netns", str(made.pid))
        self.switch.run("ip", "link", "set", f"p-{name}", "master", "br0", "up")
        made.run("ip", "link", "set", "lo", "up")
        made.run("ip", "address", "add", f"{made.address}/24", "dev", "eth0")
        made.run("ip", "link", "set", "eth0", "up")
        self.hosts.append(made)
        return made

    def cut(self, host, other=None):
        if not other:
            self.switch.run("ip", "link", "set", f"p-{host.name}", "nomaster")
            return
        for here, there in ((host, other), (other, host)):
            here.run("ip", "neigh", "replace", there.address, "lladdr", NOBODY, "nud", "permanent", "dev", "eth0")

    def heal(self, host, other=None):
        if not other:
            self.switch.run("ip", "link", "set", f"p-{host.name}", "master", "br0")
            return
        for here, there in ((host, other), (other, host)):
            here.run("ip", "neigh", "replace", there.address, "lladdr", there.hardware(), "nud", "reachable", "dev", "eth0")
