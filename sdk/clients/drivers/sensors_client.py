"""The Sensors client for Python, told what to do by lines on its input."""

import json
import sys
import time

SENDER, URL, KEY, OFFSET = sys.argv[1:5]
real_time = time.time
time.time = lambda: real_time() + int(OFFSET) / 1000

import sensorsanalytics  # noqa: E402  (after the clock was shifted)

address = f"{URL}/sa?project=default&token={KEY}"
consumer = {
    "Default": lambda: sensorsanalytics.DefaultConsumer(address),
    "Batch": lambda: sensorsanalytics.BatchConsumer(address),
    "AsyncBatch": lambda: sensorsanalytics.AsyncBatchConsumer(address, flush_max_time=0.2),
    "Debug": lambda: sensorsanalytics.DebugConsumer(address),
}[SENDER]()
client = sensorsanalytics.SensorsAnalytics(consumer)
device = f"python-{KEY[-12:]}"
login = None


def track(order):
    who = login or device
    client.track(who, order["event"], {"step": order["step"]}, is_login_id=login is not None)


def log_in(order):
    global login
    login = order["id"]
    client.track_signup(login, device)


def flush(_):
    client.flush()


def alive(_):
    thread = getattr(consumer, "_flushing_thread", None)
    return {"alive": thread is None or thread.is_alive()}


ORDERS = {"track": track, "login": log_in, "flush": flush, "alive": alive}
for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = ORDERS[order["do"]](order) or {}
    except Exception as error:  # what the client raises is what its caller has to deal with
        answer = {"raised": type(error).__name__}
    print("#" + json.dumps(answer), flush=True)
