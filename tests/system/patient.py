"""For tests that are not about leases, time-outs or expiry: a process that gets no turn for some seconds changes nothing.

    engine = w.start_engine("e1", routes=[("*", sink)], **PATIENT)"""
LIMITS = ("connect", "greeting", "command", "data_start", "content_block", "content_end")
PATIENT = dict(lease="60s", expiry="300s", timeouts="\n".join(f'{name} = "60s"' for name in LIMITS))
