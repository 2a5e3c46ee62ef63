"""`hongyan demo` from outside: its exit code, what it says, and that nothing is left behind."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

HONGYAN = os.environ["HONGYAN_BIN"]


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="demo-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {"PATH": os.environ["PATH"], "TMPDIR": str(self.folder), "LC_ALL": "C.UTF-8"}

    def start(self, *arguments):
        return subprocess.Popen([HONGYAN, "demo", *arguments], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_demo(self, *arguments):
        demo = self.start(*arguments)
        self.addCleanup(demo.kill)
        out, err = demo.communicate(timeout=200)
        self.assertEqual(demo.returncode, 0, out + err)
        self.assertEqual(err, "")
        return out

    def test_json_is_all_that_programs_see(self):
        demo = self.start("-n", "300", "--json")
        self.addCleanup(demo.kill)
        out, err = demo.communicate(timeout=200)
        self.assertEqual(demo.returncode, 0, out + err)
        result = json.loads(out)
        self.assertTrue(result["agrees"])
        self.assertTrue(all(check["agrees"] for check in result["checks"]) and len(result["checks"]) == 6)
        self.assertEqual([job["state"] for job in result["jobs"]], ["done", "tripped"])
        self.assertEqual(err, "")

    def left(self):
        return [path.name for path in self.folder.iterdir()]

    def test_books_agree_and_nothing_is_left(self):
        out = self.run_demo("-n", "500")
        checks = re.findall(r"^  [✓✗] (\S+)", out, re.M)
        self.assertEqual(checks, ["recipients", "delivered", "bounced", "retried", "charged", "sent"])
        self.assertNotIn("✗", out)
        self.assertEqual(self.left(), [])

    def test_bill_is_price_times_delivered(self):
        out = self.run_demo("-n", "500")
        delivered = int(re.search(r"^  all +(\S+)", out, re.M)[1].replace(",", ""))
        messages, amount = re.search(r"^  \S+ +spring +quality +(\S+) +¥0\.007 +¥(\S+)$", out, re.M).groups()
        self.assertEqual(int(messages.replace(",", "")), delivered)
        self.assertEqual(round(float(amount) * 1000), delivered * 7)

    def test_breaker_stops_the_bad_list(self):
        out = self.run_demo("-n", "60")
        self.assertIn("stopped by the breaker", out)
        after = int(re.search(r"(\d+) of (\d+) addresses invalid", out)[2])
        self.assertGreaterEqual(after, 50)
        self.assertLess(after, 500)

    def test_more_than_the_list_has_are_new_recipients(self):
        out = self.run_demo("-n", "10100")
        self.assertIn("10,100 recipients on the queue", out)
        # The list has 60 duplicates; asking for more does not add a whole list of them.
        duplicates = int(re.search(r"^  all +\S+ +\S+ +\S+ +\S+ +(\d+)", out, re.M)[1])
        self.assertLess(duplicates, 70)

    def test_people_see_their_names(self):
        self.assertIn("郭秀", self.run_demo("-n", "50"))

    def test_kept_demo_can_be_asked_until_interrupted(self):
        demo = self.start("-n", "50", "--keep")
        self.addCleanup(demo.kill)
        out = ""
        for line in demo.stdout:
            out += line
            if "/metrics/billing" in line and "curl" in line:
                break
        url = re.search(r"curl (\S+)", out)[1]
        page = subprocess.run(["python3", "-c", "import sys, urllib.request as u;"
                               "print(u.urlopen(sys.argv[1], timeout=60).read().decode())", url],
                              capture_output=True, text=True, check=True).stdout
        self.assertIn('hongyan_billing_messages_total{tenant="acme",channel="quality"}', page)
        demo.send_signal(signal.SIGINT)
        self.assertEqual(demo.wait(timeout=60), 0)
        demo.stdout.close()
        demo.stderr.close()
        self.assertEqual(self.left(), [])

    def test_interrupted_demo_leaves_nothing(self):
        demo = self.start("-n", "200000")
        self.addCleanup(demo.kill)
        for line in demo.stdout:
            if "on the queue" in line:
                break
        time.sleep(0.3)
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=60)
        self.assertEqual(demo.returncode, 1)
        self.assertEqual(self.left(), [])

