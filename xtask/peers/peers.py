"""The peers of `cargo xtask bench`: chDB and DuckDB over siyu's own Parquet segments.

Each engine loads the same rows into its own best layout, sorted by (person, time), and answers the same
questions; the answers must equal siyu's before any time counts. Prints one JSON object per line:
{"engine", "query", "millis": median of five hot runs, "answer": [...]} and load facts.
"""
import json, os, pathlib, statistics, sys, time

DATA, ROUNDS = pathlib.Path(sys.argv[1]), 5
FILES = str(DATA / "*.parquet")
WEEK = 7 * 86_400_000
# The questions, in the words of each dialect; {z} is the local day, {from30}.. are instants in milliseconds.
spec = json.loads((DATA.parent / "questions.json").read_text())
A, B, C = spec["steps"]
F30, TO = spec["segment_from"], spec["segment_to"]

CH = {
    "trend": f"SELECT count() FROM e WHERE event='{A}' GROUP BY toDate(toDateTime(intDiv(time,1000),'Asia/Shanghai'),'Asia/Shanghai') AS d ORDER BY d",
    "trend_people": f"SELECT uniqExact(person) FROM e WHERE event='{A}' GROUP BY toDate(toDateTime(intDiv(time,1000),'Asia/Shanghai'),'Asia/Shanghai') AS d ORDER BY d",
    "trend_breakdown": f"SELECT count() FROM e WHERE event='{A}' GROUP BY channel ORDER BY channel",
    "funnel": f"SELECT countIf(l>=1), countIf(l>=2), countIf(l>=3) FROM (SELECT windowFunnel({WEEK},'strict_once')(toUInt64(time), event='{A}', event='{B}', event='{C}') AS l FROM e WHERE event IN ('{A}','{B}','{C}') GROUP BY person) SETTINGS optimize_aggregation_in_order=1",
    "segment": f"SELECT count() FROM (SELECT person FROM e WHERE event IN ('{A}','{B}') AND time>={F30} AND time<{TO} GROUP BY person HAVING countIf(event='{A}')>=3 AND countIf(event='{B}')=0)",
}
DUCK = {
    "trend": f"SELECT count(*) FROM e WHERE event='{A}' GROUP BY (time+28800000)//86400000 ORDER BY (time+28800000)//86400000",
    "trend_people": f"SELECT count(DISTINCT person) FROM e WHERE event='{A}' GROUP BY (time+28800000)//86400000 ORDER BY (time+28800000)//86400000",
    "trend_breakdown": f"SELECT count(*) FROM e WHERE event='{A}' GROUP BY channel ORDER BY channel",
    "funnel": f"""WITH a AS (SELECT person,time FROM e WHERE event='{A}'), b AS (SELECT person,time FROM e WHERE event='{B}'),
        c AS (SELECT person,time FROM e WHERE event='{C}'),
        ab AS (SELECT b.person, b.time, a.time AS t1 FROM b ASOF JOIN a ON b.person=a.person AND b.time>=a.time),
        abc AS (SELECT c.person, c.time, ab.t1 FROM c ASOF JOIN ab ON c.person=ab.person AND c.time>=ab.time)
        SELECT (SELECT count(DISTINCT person) FROM a), (SELECT count(DISTINCT person) FROM ab WHERE time-t1<={WEEK}),
               (SELECT count(DISTINCT person) FROM abc WHERE time-t1<={WEEK})""",
    "segment": f"SELECT count(*) FROM (SELECT person FROM e WHERE event IN ('{A}','{B}') AND time>={F30} AND time<{TO} GROUP BY person HAVING count(*) FILTER (event='{A}')>=3 AND count(*) FILTER (event='{B}')=0)",
}


def run(engine, query, ask):
    ask()
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        rows = ask()
        times.append((time.perf_counter() - begin) * 1000)
    answer = [int(v) for row in rows for v in row]
    print(json.dumps({"engine": engine, "query": query, "millis": round(statistics.median(times), 1), "answer": answer}), flush=True)


def size(path):
    return sum(f.stat().st_size for f in pathlib.Path(path).rglob("*") if f.is_file())


def chdb(folder):
    from chdb import session
    s = session.Session(str(folder))
    s.query("CREATE DATABASE IF NOT EXISTS b ENGINE=Atomic")
    s.query("CREATE TABLE b.e (person UInt32, time Int64 CODEC(Delta,ZSTD), event LowCardinality(String), channel LowCardinality(String), path LowCardinality(String), amount_minor Nullable(Float64)) ENGINE=MergeTree ORDER BY (person,time)")
    s.query(f"INSERT INTO b.e SELECT person, toUnixTimestamp64Milli(time), event, `p.channel`, `p.path`, `p.amount_minor` FROM file('{FILES}', Parquet)")
    s.query("OPTIMIZE TABLE b.e FINAL")
    bytes_ = int(str(s.query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table='e'", "TabSeparated")).strip())
    print(json.dumps({"engine": "chdb", "query": "disk_bytes", "answer": [bytes_]}), flush=True)
    for name, sql in CH.items():
        run("chdb", name, lambda sql=sql: [map(int, line.split("\t")) for line in str(s.query(sql.replace(" FROM e ", " FROM b.e "), "TabSeparated")).split("\n") if line])


def duck(folder):
    import duckdb
    c = duckdb.connect(str(folder / "d.duckdb"))
    c.execute("SET threads=2")
    c.execute(f"""CREATE TABLE e AS SELECT person, epoch_ms(time) AS time, event, "p.channel" AS channel, "p.path" AS path, "p.amount_minor" AS amount_minor FROM read_parquet('{FILES}') ORDER BY person, time""")
    c.execute("CHECKPOINT")
    print(json.dumps({"engine": "duckdb", "query": "disk_bytes", "answer": [size(folder)]}), flush=True)
    for name, sql in DUCK.items():
        run("duckdb", name, lambda sql=sql: c.execute(sql).fetchall())


folder = DATA.parent / "peers"
os.makedirs(folder / "duckdb", exist_ok=True)
chdb(folder / "chdb")
duck(folder / "duckdb")
