"""For tests that are not about leases, time-outs or expiry: a process that gets no turn for some seconds changes nothing.

    engine = w.start_engine("e1", routes=[("*", sink)], **PATIENT)
    engine = start_with_dns(w, engines=("e1",), dns=f'servers = ["{server}"]')"""
LIMITS = ("connect", "greeting", "command", "data_start", "content_block", "content_end")
PATIENT = dict(lease="60s", expiry="300s", timeouts="\n".join(f'{name} = "60s"' for name in LIMITS))


def start_with_dns(w, name="e1", **options):
    """An engine that waits for its name server: the harness' 300 ms are for one that is not there."""
    engine = w.engine(name, **(PATIENT | options))
    path = w.folder / f"{name}.config"
    text = path.read_text()
    assert text.count('timeout = "300ms"\n') == 1, text
    path.write_text(text.replace('timeout = "300ms"\n', 'timeout = "5s"\n'))
    return engine.start()
