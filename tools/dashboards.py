#!/usr/bin/env python3
"""Writes helm/hongyan/dashboards/*.json, Grafana's form of what is described here.

    tools/dashboards.py           writes them
    tools/dashboards.py --check   exit 1 when a committed file is not what this would write

A panel is one line of a table: what it is called, what it asks, its unit, and a sentence for somebody who has never seen
Hongyan. Layout, colours, data source and variables are the same everywhere.
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "helm/hongyan/dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
GOOD, WARN, BAD, CALM = "green", "orange", "red", "blue"


def steps(*pairs):
    """Colours by value: the first from below everything."""
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for value, color in pairs]}


class Panel:
    def __init__(self, kind, title, description, unit, targets, width, height, **field):
        self.kind, self.title, self.description, self.unit = kind, title, description, unit
        self.targets, self.width, self.height, self.field = targets, width, height, field

    def json(self, number, x, y):
        defaults = {"unit": self.unit, "color": {"mode": "palette-classic"}, "custom": {}, "mappings": [],
                    "thresholds": steps((None, GOOD))}
        options = {}
        if self.kind == "stat":
            defaults["color"] = {"mode": "thresholds"}
            options = {"colorMode": "background", "graphMode": "area", "justifyMode": "center", "textMode": "auto",
                       "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
        elif self.kind == "timeseries":
            defaults["custom"] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never",
                                  "spanNulls": False,
                                  "stacking": {"mode": "normal" if self.field.pop("stacked", False) else "none"}}
            defaults["min"] = 0
            options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                       "tooltip": {"mode": "multi", "sort": "desc"}}
            if "thresholds" in self.field:
                defaults["custom"]["thresholdsStyle"] = {"mode": "line"}
        defaults.update(self.field)
        table = self.kind == "table"
        return {"id": number, "type": self.kind, "title": self.title, "description": self.description,
                "datasource": SOURCE, "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
                "fieldConfig": {"defaults": defaults, "overrides": []}, "options": options,
                "targets": [{"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": expr, "legendFormat": legend,
                             "instant": table, "range": not table, "format": "table" if table else "time_series"}
                            for i, (legend, expr) in enumerate(self.targets)],
                **({"transformations": [{"id": "organize", "options": {
                    "excludeByName": {"Time": True, "Value": True, "__name__": True, "alertstate": True}}}]}
                   if table else {})}


def stat(title, description, unit, expr, thresholds=None, **field):
    return Panel("stat", title, description, unit, [("", expr)], 4, 4,
                 thresholds=thresholds or steps((None, CALM)), **field)


def graph(title, description, unit, *targets, width=8, **field):
    return Panel("timeseries", title, description, unit, targets, width, 8, **field)


def dashboard(name, title, description, variables, rows):
    panels, y, number = [], 0, 0
    for row_title, row in rows:
        number += 1
        panels.append({"id": number, "type": "row", "title": row_title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        y, x, height = y + 1, 0, 0
        for panel in row:
            if x + panel.width > WIDTH:
                x, y = 0, y + height
            number += 1
            panels.append(panel.json(number, x, y))
            x, height = x + panel.width, panel.height
        y += height
    listed = [{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0}]
    listed += [{"name": variable, "label": label, "type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1,
                "query": {"query": f"label_values({metric}, {variable})", "refId": variable}, "hide": 0,
                "includeAll": several, "multi": several, **({"allValue": ".*"} if several else {}),
                "current": {"text": ["All"], "value": ["$__all"]} if several else {}}
               for variable, label, metric, several in variables]
    return {"uid": f"hongyan-{name}", "title": f"Hongyan: {title}", "description": description, "tags": ["hongyan"],
            "schemaVersion": 38, "version": 1, "editable": True, "timezone": "browser", "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"}, "templating": {"list": listed}, "annotations": {"list": []},
            "links": [{"type": "dashboards", "tags": ["hongyan"], "title": "Hongyan", "asDropdown": True,
                       "includeVars": True, "keepTime": True, "icon": "external link", "targetBlank": False,
                       "tooltip": "", "url": ""}],
            "panels": panels}


JOB = ("job", "Installation", "hongyan_ready", True)
BILL = ("job", "Installation", "hongyan_billing_rollup_lag_seconds", True)  # often scraped under a job of its own
NO_SHARE = steps((None, GOOD), (0.02, WARN), (0.03, BAD))


def ask(text):
    """J stands for the installation chosen; rates are over Grafana's own interval."""
    return text.replace("{J", '{job=~"$job"').replace("[R]", "[$__rate_interval]")


def flows(more=""):
    return stat("Does mail flow?", "Yes: recipients were delivered in the last 5 minutes. Idle: nothing is due. NO: recipients are due "
                "and none was delivered; see the alerts and `hongyan status`. Held: `hongyan hold` names who stopped it.", "none",
                ask('-1 * (max(hongyan_held{J}) == 1) or clamp_max(2 * ((sum(rate(hongyan_outcomes_total{J,outcome="delivered"%s}[5m])) or vector(0)) > bool 0)'
                    " + ((sum(max by (job, channel) (hongyan_due_chunks{J})) or vector(0)) == bool 0), 2)" % more),
                steps((None, WARN), (0, BAD), (1, CALM), (2, GOOD)),
                mappings=[{"type": "value", "options": {"-1": {"text": "Held", "index": 0}, "0": {"text": "NO", "index": 1},
                                                        "1": {"text": "Idle", "index": 2}, "2": {"text": "Yes", "index": 3}}}])


def delivered(more=""):
    return stat("Delivered", "Recipients whose message a receiver has accepted, per second.", "mps",
                ask('sum(rate(hongyan_outcomes_total{J,outcome="delivered"%s}[R]))' % more))


def fleet():
    return dashboard("fleet", "fleet", "Does mail flow, and if not, where does it stand? Start here.", [JOB], [
        ("Does mail flow?", [
            flows(), delivered(),
            stat("Oldest due", "How long the recipient waits that an engine has held longest. Above 15 minutes something is stuck.", "s",
                 ask("max(hongyan_oldest_due_seconds{J}) or vector(0)"), steps((None, GOOD), (300, WARN), (900, BAD))),
            stat("Work waiting", "Chunks of up to 256 recipients that are due and that no engine has taken yet. Falls while engines keep up.",
                 "short", ask("sum(max by (job, channel) (hongyan_due_chunks{J}))")),
            stat("Engines ready", "Engines that take work. Each one that is not says why at /readyz.", "short",
                 ask("sum(hongyan_ready{J})"), steps((None, BAD), (1, GOOD))),
            stat("Campaigns that wait for a person", "Stopped by the breaker (bad list) or out of money. `hongyan list --state tripped`, "
                 "`hongyan list --state unfunded`.", "short",
                 ask('sum(max by (job, state) (hongyan_jobs{J,state=~"tripped|unfunded"})) or vector(0)'),
                 steps((None, GOOD), (1, WARN)))]),
        ("What is wrong now", [
            Panel("table", "Alerts", "Firing alerts of Hongyan; docs/OPERATIONS.md has an entry for each. Empty: nothing is wrong.", "none",
                  [("", 'ALERTS{alertname=~"Hongyan.*",alertstate="firing"}')], 24, 5)]),
        ("What becomes of mail", [
            graph("Outcomes", "Attempts per second by what became of them. deferred: tried again later. bounced: final refusal. in_doubt: the "
                  "answer was lost.", "mps", ("{{outcome}}", ask("sum by (outcome) (rate(hongyan_outcomes_total{J}[R]))")), stacked=True),
            graph("Delivered by provider", "Who accepts how much. A provider that falls to 0 while others go on has paused us.", "mps",
                  ("{{provider}}", ask('sum by (provider) (rate(hongyan_outcomes_total{J,outcome="delivered"}[R]))'))),
            graph("Recipients that wait", "Of all campaigns, by state. queued: due or planned; deferred: a receiver said later; in_flight: on the "
                  "wire.", "short", ("{{state}}", ask('sum by (state) (max by (job, channel, state) '
                                                      '(hongyan_recipients{J,state=~"queued|claimed|in_flight|in_doubt|deferred"}))')),
                  stacked=True)]),
        ("What may stop it", [
            graph("Invalid addresses", "Share of addresses that do not exist, by channel. At 3 % the breaker stops a campaign.", "percentunit",
                  ("{{channel}}", ask("max by (channel) (hongyan_invalid_address_ratio{J})")), width=6, thresholds=NO_SHARE),
            graph("Lanes by mode", "A lane is one source to one provider. slow: the provider slowed us; paused: it refuses us for now.", "short",
                  ("{{mode}}", ask("sum by (mode) (hongyan_lanes{J})")), width=6, stacked=True),
            graph("Redis memory", "Share of maxmemory. At 80 % campaigns are not taken any more, at 95 % nothing is sent. 0: no limit is set.",
                  "percentunit", ("used", ask("max(hongyan_redis_memory_ratio{J})")), width=6, max=1,
                  thresholds=steps((None, GOOD), (0.7, WARN), (0.9, BAD))),
            graph("Campaigns by state", "Campaigns that have not ended, and those that just did.", "short",
                  ("{{state}}", ask("max by (state) (hongyan_jobs{J})")), width=6)]),
        ("Sources", [
            graph("Delivered by source", "Egress addresses at work.", "mps",
                  ("{{source}}", ask('sum by (source) (rate(hongyan_outcomes_total{J,outcome="delivered"}[R]))')), width=12),
            graph("Sources with an engine", "1: a live engine sends by this source. 0: nobody does, and its mail waits.", "short",
                  ("{{source}}", ask("max by (source) (hongyan_source_owned{J})")), width=12)])])


def provider():
    one = ',provider="$provider"'
    return dashboard("provider", "one provider", "How one receiver takes our mail, and what holds it up.",
                     [JOB, ("provider", "Provider", "hongyan_outcomes_total", False)], [
        ("Does mail flow to $provider?", [
            delivered(one),
            stat("Accepted", "Share of attempts of the last 15 minutes that the provider accepted.", "percentunit",
                 ask('sum(increase(hongyan_outcomes_total{J,outcome="delivered"%s}[15m])) / sum(increase(hongyan_outcomes_total{J%s}[15m]))'
                     % (one, one)), steps((None, BAD), (0.5, WARN), (0.9, GOOD))),
            stat("Paused lanes", "Lanes that wait because the provider refused us. They come back by themselves; `hongyan why $provider` has the "
                 "reason.", "short", ask('sum(hongyan_lanes{J,mode="paused"%s}) or vector(0)' % one), steps((None, GOOD), (1, WARN))),
            stat("Oldest due", "How long the recipient waits that has been held longest for this provider.", "s",
                 ask("max(hongyan_oldest_due_seconds{J%s}) or vector(0)" % one), steps((None, GOOD), (300, WARN), (900, BAD))),
            stat("Connections", "Open SMTP connections to it.", "short", ask("sum(hongyan_smtp_connections{J%s})" % one)),
            stat("Retries", "Share of attempts of the last 15 minutes that were not a recipient's first. Above half: it defers most of what we "
                 "send.", "percentunit", ask("(sum(increase(hongyan_retries_total{J%s}[15m])) or vector(0)) / "
                                             "sum(increase(hongyan_outcomes_total{J%s}[15m]))" % (one, one)),
                 steps((None, GOOD), (0.3, WARN), (0.5, BAD)))]),
        ("Its answers", [
            graph("Outcomes", "Attempts per second by what became of them.", "mps",
                  ("{{outcome}}", ask("sum by (outcome) (rate(hongyan_outcomes_total{J%s}[R]))" % one)), stacked=True),
            graph("Refusals by meaning", "What its 4xx and 5xx replies mean. rate: too fast. sender-blocked, auth, content-policy: stop and look.",
                  "mps", ("{{group}}", ask("sum by (group) (rate(hongyan_refusals_total{J%s}[R]))" % one)), stacked=True),
            graph("By source", "Delivered per second by each of our addresses; one that falls alone is listed.", "mps",
                  ("{{source}}", ask('sum by (source) (rate(hongyan_outcomes_total{J,outcome="delivered"%s}[R]))' % one)))]),
        ("Our pace", [
            graph("Lanes by mode", "normal, slow (the provider slowed us), paused.", "short",
                  ("{{mode}}", ask("sum by (mode) (hongyan_lanes{J%s})" % one)), stacked=True, width=6),
            graph("Permits", "Asked of the shared limit: granted, or refused because the limit is reached. Refused is no fault: it is the "
                  "limit at work.", "mps", ("{{result}}", ask("sum by (result) (rate(hongyan_lane_tokens_total{J%s}[R]))" % one)), width=6),
            graph("Connections opened", "ready: mail may be sent. failed: whatever the reason; the log names it. proxy_...: not past our outbound proxy.", "mps",
                  ("{{result}}", ask("sum by (result) (rate(hongyan_smtp_connects_total{J%s}[R]))" % one)), width=6),
            graph("TLS", "How opening went as RFC 8460 counts it; anything but ok is a fault of a certificate or policy.", "mps",
                  ("{{result}}", ask("sum by (result) (rate(hongyan_tls_sessions_total{J%s}[R]))" % one)), width=6)])])


def channel():
    one = ',channel="$channel"'
    return dashboard("channel", "one channel and the breaker", "A channel is a set of sources with a price. How healthy are its lists?",
                     [JOB, ("channel", "Channel", "hongyan_due_chunks", False)], [
        ("Does mail flow on $channel?", [
            delivered(one),
            stat("Work waiting", "Chunks of up to 256 recipients that are due and not taken by an engine.", "short",
                 ask("sum(max by (job) (hongyan_due_chunks{J%s}))" % one)),
            stat("Oldest due", "How long the recipient waits that an engine has held longest.", "s",
                 ask("max(hongyan_oldest_due_seconds{J%s}) or vector(0)" % one), steps((None, GOOD), (300, WARN), (900, BAD))),
            stat("Invalid addresses", "Share of addresses that do not exist, of campaigns that have not ended. At 3 % a campaign is stopped.",
                 "percentunit", ask("max(hongyan_invalid_address_ratio{J%s})" % one), NO_SHARE),
            stat("Breaker trips", "Campaigns stopped in the time shown. `hongyan list --state tripped` has those that wait for a decision.",
                 "short", ask("max(increase(hongyan_breaker_trips_total{J%s}[$__range]))" % one), steps((None, GOOD), (0.5, BAD))),
            stat("In doubt", "The answer to these was lost after the whole message was sent; they are sent again later, or held.", "short",
                 ask("max(hongyan_in_doubt{J%s})" % one), steps((None, GOOD), (20, WARN)))]),
        ("Breaker", [
            graph("Invalid addresses", "The breaker judges each campaign by itself; this is all of them together.", "percentunit",
                  ("share", ask("max by (job) (hongyan_invalid_address_ratio{J%s})" % one)), width=12, thresholds=NO_SHARE),
            graph("Delivered and bounced", "Per second. bounced near 3 % of delivered: a bad list.", "mps",
                  ("{{outcome}}", ask('sum by (outcome) (rate(hongyan_outcomes_total{J,outcome=~"delivered|bounced"%s}[R]))' % one)), width=12)]),
        ("Its recipients", [
            graph("Recipients by state", "Of all campaigns on this channel that have not ended.", "short",
                  ("{{state}}", ask("sum by (state) (max by (job, state) (hongyan_recipients{J%s} > 0))" % one)), stacked=True),
            graph("Delivered by source", "How the channel's sources share the work.", "mps",
                  ("{{source}}", ask('sum by (source) (rate(hongyan_outcomes_total{J,outcome="delivered"%s}[R]))' % one))),
            graph("Retries", "Attempts per second that were not a recipient's first, by provider.", "mps",
                  ("{{provider}}", ask("sum by (provider) (rate(hongyan_retries_total{J%s}[R]))" % one)))])])


def billing():
    # Every engine shows the whole bill: the maximum of what was scraped, never the sum.
    messages = "max by (tenant, channel) (increase(hongyan_billing_messages_total{J}[%s]))"
    charged = "sum by (tenant) (max by (tenant, channel) (increase(hongyan_billing_charged_micro_yuan_total{J}[%s]))) / 1e6"
    return dashboard("billing", "billing", "What was charged, and who runs out of money. From the ledger, exact.", [BILL], [
        ("Does money come in?", [
            stat("Charged in 24 h", "All tenants together.", "currencyCNY", ask("sum(%s)" % (charged % "1d"))),
            stat("Messages charged in 24 h", "Accepted by receivers, each once.", "short", ask("sum(%s)" % (messages % "1d"))),
            stat("Ledger behind by", "Age of the oldest charge that is not in the ledger yet. Normal: below 1 s.", "s",
                 ask("max(hongyan_billing_rollup_lag_seconds{J})"), steps((None, GOOD), (1, WARN), (10, BAD))),
            stat("Campaigns without money", "They go on by themselves after `hongyan balance top-up`.", "short",
                 'max(hongyan_jobs{state="unfunded"}) or vector(0)', steps((None, GOOD), (1, WARN))),
            stat("Lowest balance", "Of prepaid tenants. At 0 campaigns wait.", "currencyCNY",
                 ask("min(hongyan_billing_balance_micro_yuan{J}) / 1e6"), steps((None, BAD), (1, GOOD))),
            stat("Days left", "Of the tenant whose balance lasts shortest, at the pace of the last day.", "d",
                 ask("min(max by (tenant) (hongyan_billing_balance_micro_yuan{J}) / 1e6 / on (tenant) (%s > 0))" % (charged % "1d")),
                 steps((None, BAD), (1, WARN), (3, GOOD)))]),
        ("By tenant", [
            graph("Charged per hour", "Yuan.", "currencyCNY", ("{{tenant}}", ask(charged % "1h")), stacked=True),
            graph("Balance", "Yuan left, lent amounts taken off.", "currencyCNY",
                  ("{{tenant}}", ask("max by (tenant) (hongyan_billing_balance_micro_yuan{J}) / 1e6"))),
            graph("Messages charged per hour", "By tenant and channel.", "short", ("{{tenant}}, {{channel}}", ask(messages % "1h")),
                  stacked=True)])])


def quantile(q, by, metric):
    return ask("histogram_quantile(%s, sum by (%s, le) (rate(%s_bucket{J}[R])))" % (q, by, metric))


def engine():
    return dashboard("engine", "engine internals", "Is an engine healthy, and what is it short of?", [JOB], [
        ("Does mail flow?", [
            flows(),
            stat("Engines ready", "Each one that is not says why at /readyz.", "short", ask("sum(hongyan_ready{J})"),
                 steps((None, BAD), (1, GOOD))),
            stat("Redis", "Answers every engine, and keeps what it acknowledged.", "none",
                 ask("min(hongyan_redis_up{J}) + min(hongyan_redis_durable{J})"), steps((None, BAD), (1, WARN), (2, GOOD)),
                 mappings=[{"type": "value", "options": {"0": {"text": "away", "index": 0}, "1": {"text": "not durable", "index": 1},
                                                         "2": {"text": "good", "index": 2}}}]),
            stat("Late attempts", "Share that waited longer than 300 s for their turn in the last hour. The objective is 1 %.", "percentunit",
                 ask("max(job:hongyan_late_attempts:ratio_rate1h{J})"), steps((None, GOOD), (0.01, WARN), (0.06, BAD))),
            stat("Bugs", "Exceptions that nobody expected, and labels without bound. Anything but 0: tell us.", "short",
                 ask("sum(hongyan_escaped_exceptions_total{J}) + sum(hongyan_metric_series_refused_total{J})"), steps((None, GOOD), (1, BAD))),
            stat("Restarts", "Starts of engines in the time shown.", "short", ask("sum(changes(hongyan_process_start_time_seconds{J}[$__range]))"),
                 steps((None, GOOD), (3, WARN)))]),
        ("Where an attempt spends its time", [
            graph("Phases, p99", "turn: waited for its lane. token: for the permitted pace. connect: until TLS and AUTH were done. transact: "
                  "envelope to answer.", "s", ("{{phase}}", quantile(0.99, "phase", "hongyan_delivery_phase_seconds"))),
            graph("Phases, median", "The same for the ordinary attempt.", "s",
                  ("{{phase}}", quantile(0.5, "phase", "hongyan_delivery_phase_seconds"))),
            graph("Redis calls, p99", "settle: one commit, with its wait for Redis' disk. probe: one small call a second.", "s",
                  ("{{call}}", quantile(0.99, "call", "hongyan_redis_call_seconds")))]),
        ("The process", [
            graph("Processor", "Cores used by each engine.", "short",
                  ("{{instance}}", ask("rate(hongyan_process_cpu_seconds_total{J}[R])")), width=6),
            graph("Memory", "Flat, whatever the length of lists.", "bytes", ("{{instance}}", ask("hongyan_process_resident_memory_bytes{J}")),
                  width=6),
            graph("Event loop lag, p99", "How late workers come to their timers. Above 0.1 s they are short of processor time.", "s",
                  ("{{instance}}", quantile(0.99, "instance", "hongyan_event_loop_lag_seconds")), width=6),
            graph("File descriptors", "Share of what the process may open.", "percentunit",
                  ("{{instance}}", ask("hongyan_process_open_fds{J} / hongyan_process_max_fds{J}")), width=6)]),
        ("Redis and settling", [
            graph("Commands", "Sent to Redis, per second.", "mps", ("{{instance}}", ask("rate(hongyan_redis_commands_total{J}[R])")), width=6),
            graph("Outcomes per commit", "Grows with load by itself.", "short",
                  ("mean", ask("sum(rate(hongyan_settle_batch_size_sum{J}[R])) / sum(rate(hongyan_settle_batch_size_count{J}[R]))")), width=6),
            graph("Waiting to be settled", "Outcomes known to engines and not in Redis yet.", "short",
                  ("{{instance}}", ask("hongyan_settle_backlog{J}")), width=6),
            graph("Reconnections", "To Redis, in the last 10 minutes.", "short",
                  ("{{instance}}", ask("increase(hongyan_redis_reconnects_total{J}[10m])")), width=6)]),
        ("Intake, names, mail that comes back", [
            graph("Rows planned", "List rows per second: good, or invalid (refused).", "mps",
                  ("{{result}}", ask("sum by (result) (rate(hongyan_planned_rows_total{J}[R]))")), width=6),
            graph("Documents taken", "Campaigns: accepted, repeated, refused.", "short",
                  ("{{result}}", ask("sum by (result) (increase(hongyan_jobs_taken_total{J}[1h]))")), width=6),
            graph("Questions to DNS", "Per second; failed: no answer in time, or SERVFAIL.", "mps",
                  ("{{result}}", ask("sum by (result) (rate(hongyan_dns_queries_total{J}[R]))")), width=6),
            graph("Mail that came back", "Bounces, complaints and wishes to leave that the listener took, per hour. Empty without [inbound].",
                  "short", ("{{kind}}", ask("sum by (kind) (increase(hongyan_inbound_mails_total{J}[1h]))")), width=6)]),
        ("What ends", [
            graph("Certificates of listeners", "Time left.", "s",
                  ("{{listener}} {{instance}}", ask("hongyan_certificate_expires_seconds{J}")), width=8),
            graph("DKIM keys", "Age; roll them once a year.", "s",
                  ("{{channel}} {{selector}}", ask("max by (channel, selector) (hongyan_dkim_key_age_seconds{J})")), width=8),
            graph("Codes of bound mailboxes", "Time left of the first to end, by provider. Empty without bound mailboxes.", "s",
                  ("{{provider}}", ask("min by (provider) (hongyan_mailbox_code_expires_seconds{J})")), width=8)])])


def texts():
    return {FOLDER / f"{name}.json": json.dumps(build(), indent=1, ensure_ascii=False) + "\n"
            for name, build in (("fleet", fleet), ("provider", provider), ("channel", channel), ("billing", billing), ("engine", engine))}


def main():
    stale = [path for path, text in texts().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is not current: run tools/dashboards.py")
        return bool(stale)
    for path, text in texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
