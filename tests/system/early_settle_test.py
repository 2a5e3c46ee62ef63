"""What became of a message is settled when its answer comes, not when the next envelope is answered as well."""
import signal
import threading

from harness import World
from tls_receiver import Receiver


def test_an_outcome_does_not_wait_for_the_answers_to_the_next_envelope():
    held, seen = threading.Event(), []

    def hold(_):
        # The second envelope came with the first content, whose 250 is out already.
        seen.append(1)
        if len(seen) == 2:
            held.wait(300)
    with World() as w, Receiver(answers={"MAIL": hold}) as receiver:
        w.start_redis()
        options = dict(routes=[("*", receiver)], engines=("e1",), timeouts='command = "300s"\ncontent_end = "300s"',
                       other="connections = 1\nmessages_per_connection = 0\nrates = []")
        engine = w.start_engine(**options)
        w.submit("early", ["a@x.example", "b@x.example"])
        try:
            job = w.wait_job("early", lambda j: j.get("delivered") == 1, 60, "the first is settled")
            assert job["charged_micro_yuan"] == job["price_micro_yuan"] and len(receiver.accepted) == 1
            # It is kept, whatever becomes of the connection: nobody is in doubt when the engine dies now.
            engine.send(signal.SIGKILL)
            engine.wait(30)
            w.start_engine(**options)
        finally:
            held.set()
        job = w.wait_ended("early")
        assert (job["delivered"], job["doubted"]) == (2, 0), job


def test_an_outcome_that_was_settled_early_is_settled_once_and_the_next_goes_on():
    def late(_):
        threading.Event().wait(0.05)
    with World() as w, Receiver(answers={"MAIL": late}) as receiver:
        w.start_redis()
        w.start_engine(routes=[("*", receiver)], engines=("e1",), other="connections = 2\nmessages_per_connection = 7\nrates = []")
        people = [f"user{n}@x.example" for n in range(60)]
        w.submit("late", people)
        job = w.wait_ended("late")
        assert (job["delivered"], job["doubted"], job["attempts"]) == (60, 0, 60), job
        assert sorted(to for to, _ in receiver.accepted) == sorted(people)
