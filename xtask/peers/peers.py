"""The peers of `cargo xtask bench peers`: one of chDB and DuckDB over siyu's own Parquet segments.

The engine loads the same rows into its own best layout, sorted by person and time, and answers the same
questions; the answers must equal siyu's before any time counts. Usage: peers.py FOLDER ENGINE load, then the
same with ask: two programs, so that the first answers are cold and each has its own peak of memory. Prints
one JSON object per line:
{"engine", "query", "cold_millis": the first run, "millis": median of five hot runs, "answer": [...]},
{"engine", "query", "reason"} where it has no way to put the question, and {"engine", "fact", "value"}.
"""
import importlib
import json
import pathlib
import statistics
import sys
import time

ROUNDS = 5


def main():
    folder, name, what = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    module = importlib.import_module(f"{name}_questions")
    spec = json.loads((folder / "questions.json").read_text())
    own = folder / "peers" / name
    own.mkdir(parents=True, exist_ok=True)
    engine = module.Engine(own, spec)
    if what == "load":
        load(engine, folder)
    else:
        ask(engine, module.questions(spec), module.LEFT_OUT)


def load(engine, folder):
    begin = time.perf_counter()
    engine.load_events(folder / "events" / "*.parquet")
    tell(engine.name, fact="load_millis", value=round((time.perf_counter() - begin) * 1000))
    tell(engine.name, fact="disk_bytes", value=engine.disk_bytes())
    tell(engine.name, fact="load_peak_bytes", value=peak_bytes())
    engine.load_people(folder / "people.csv")
    engine.close()


def ask(engine, questions, left_out):
    for query, sql in questions.items():
        report(engine.name, query, lambda: engine.ask(sql))
    tiles = [questions[tile] for tile in engine.spec["tiles"]]
    report(engine.name, "dashboard", lambda: engine.ask_all(tiles))
    for query, reason in left_out.items():
        tell(engine.name, query=query, reason=reason)
    tell(engine.name, fact="peak_bytes", value=peak_bytes())


def report(name, query, ask):
    times, rows = [], []
    for _ in range(1 + ROUNDS):
        begin = time.perf_counter()
        rows = ask()
        times.append((time.perf_counter() - begin) * 1000)
    answer = [plain(cell) for row in rows for cell in row]
    tell(name, query=query, cold_millis=times[0], millis=statistics.median(times[1:]), answer=answer)


def plain(cell):
    """Texts stay; every number of an answer is whole."""
    return cell if isinstance(cell, str) else int(cell)


def tell(name, **what):
    print(json.dumps({"engine": name, **what}), flush=True)


def peak_bytes():
    """The most memory this program held since it began."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


main()
