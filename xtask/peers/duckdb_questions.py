"""DuckDB's side: how it loads the events and people, and its best known SQL for every question.

ASOF joins find, for every event, the last one before it (or the next one after it), which is DuckDB's
fastest way through a person's events; where rows of one instant have to keep their order they are joined
by `key`, which is time and order of arrival as one number.
"""
import pathlib
import threading

import duckdb

DAY = 86_400_000
WEEK = 7 * DAY
GAP = 1_800_000
# Time and order of arrival in one number: the order has room for 268 million events.
ORDER_BITS = 28


class Engine:
    name = "duckdb"

    def __init__(self, folder, spec):
        self.file = folder / "d.duckdb"
        self.spec = spec
        self.connection = duckdb.connect(str(self.file))
        self.connection.execute("SET threads=2")

    def load_events(self, files):
        """Merged people are made one while loading, which siyu does at every question."""
        users, every = self.spec["users"], self.spec["merged_every"]
        run = self.connection.execute
        for column in ("event", "p.channel", "p.path"):
            kind = column.removeprefix("p.") + "_name"
            # Sorted, so that the order of an enumeration is that of its texts.
            run(f"""CREATE TYPE {kind} AS ENUM (SELECT DISTINCT "{column}" FROM read_parquet('{files}') ORDER BY 1)""")
        run(f"""
            CREATE TABLE e AS
            SELECT (CASE WHEN person >= {users} THEN (person - {users}) * {every} ELSE person END)::UINTEGER AS person,
                   epoch_ms(time) AS time, seq, event::event_name AS event, "p.channel"::channel_name AS channel,
                   "p.path"::path_name AS path, "p.amount_minor"::BIGINT AS amount
            FROM read_parquet('{files}') ORDER BY 1, 2, 3""")
        run("CHECKPOINT")

    def load_people(self, people):
        run = self.connection.execute
        tags = ", ".join(f"t{tag:02}::BOOLEAN AS t{tag:02}" for tag in range(40))
        run(f"""CREATE TABLE p AS SELECT person::UINTEGER AS person, member::BOOLEAN AS member, level, {tags}
                FROM read_csv('{people}') ORDER BY person""")
        run("CHECKPOINT")

    def close(self):
        self.connection.close()

    def disk_bytes(self):
        return sum(file.stat().st_size for file in pathlib.Path(self.file.parent).rglob("*") if file.is_file())

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()

    def ask_all(self, all_sql):
        """Every question on a connection of its own, at the same time."""
        answers = [None] * len(all_sql)

        def one(at, cursor):
            answers[at] = cursor.execute(all_sql[at]).fetchall()

        threads = [threading.Thread(target=one, args=(at, self.connection.cursor())) for at in range(len(all_sql))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [row for answer in answers for row in answer]


LEFT_OUT = {
    "markov": "SQL has no solver of linear systems",
}


def questions(spec):
    a, b, c, paid, excluded = spec["events"][:5]
    start, month, end = spec["from"], spec["month_from"], spec["to"]
    # The zone has had no clock changes since 1991: its days are 24 hours from the first midnight.
    day = f"((time - {start}) // {DAY})"
    key = f"((time - {start}) << {ORDER_BITS}) + seq AS key"
    t1, t2, t3, t4 = (f"t{tag:02}" for tag in spec["chosen_tags"])
    return {
        "trend": f"SELECT count(*) FROM e WHERE event = '{a}' GROUP BY {day} ORDER BY {day}",
        "trend_people": f"SELECT count(DISTINCT person) FROM e WHERE event = '{a}' GROUP BY {day} ORDER BY {day}",
        "trend_breakdown": f"SELECT count(*) FROM e WHERE event = '{a}' GROUP BY channel ORDER BY channel",
        "trend_people_by_channel": f"""
            SELECT count(DISTINCT person) FROM e WHERE event = '{a}' GROUP BY channel, {day} ORDER BY channel, {day}""",
        "active_per_day": f"SELECT count(DISTINCT person) FROM e GROUP BY {day} ORDER BY {day}",
        # Each active day makes the person count for seven days, less those that the one before covers.
        "active_in_7_days": f"""
            WITH days AS (SELECT DISTINCT person, {day} AS d FROM e),
            covered AS (SELECT greatest(d, 7 + lag(d, 1, -7) OVER (PARTITION BY person ORDER BY d)) AS first,
                               d + 7 AS beyond FROM days),
            changes AS (SELECT first AS d, 1 AS n FROM covered UNION ALL SELECT beyond, -1 FROM covered)
            SELECT sum(sum(n)) OVER (ORDER BY d) FROM changes WHERE d < {spec["days"]} GROUP BY d ORDER BY d""",
        "top_pages": "SELECT count(*) AS n FROM e GROUP BY path ORDER BY n DESC LIMIT 10",
        "times_per_person": f"""
            SELECT (n >= 2)::INT + (n >= 3)::INT + (n >= 5)::INT + (n >= 10)::INT + (n >= 20)::INT + (n >= 50)::INT AS bin,
                   count(*)
            FROM (SELECT count(*) AS n FROM e WHERE event = '{a}' GROUP BY person) GROUP BY bin ORDER BY bin""",
        "funnel": funnel([a, b, c]),
        "funnel_by_channel": f"""
            {chain([a, b, c], "channel")},
            reached AS (SELECT channel, person, 1 AS step FROM s1
                        UNION ALL SELECT channel, person, 2 FROM s2 WHERE time - began <= {WEEK}
                        UNION ALL SELECT channel, person, 3 FROM s3 WHERE time - began <= {WEEK})
            SELECT channel::VARCHAR, count(DISTINCT person) FILTER (step = 1), count(DISTINCT person) FILTER (step = 2),
                   count(DISTINCT person) FILTER (step = 3)
            FROM reached GROUP BY channel ORDER BY channel""",
        "funnel_8_steps": funnel(spec["events"]),
        "funnel_strict": strict([a, b, c]),
        "funnel_same_page": f"""
            {chain([a, b, c], "path")}
            SELECT (SELECT count(*) FROM (SELECT DISTINCT person, path FROM s1)),
                   (SELECT count(*) FROM (SELECT DISTINCT person, path FROM s2 WHERE time - began <= {WEEK})),
                   (SELECT count(*) FROM (SELECT DISTINCT person, path FROM s3 WHERE time - began <= {WEEK}))""",
        # The steps differ, so the level is how many of them were done in the week up to an event; rows of one
        # instant see each other.
        "funnel_any_order": f"""
            WITH last AS (
                SELECT person, time,
                       max(CASE WHEN event = '{a}' THEN time END) OVER w AS a,
                       max(CASE WHEN event = '{b}' THEN time END) OVER w AS b,
                       max(CASE WHEN event = '{c}' THEN time END) OVER w AS c
                FROM e WHERE event IN ('{a}', '{b}', '{c}')
                WINDOW w AS (PARTITION BY person ORDER BY time)),
            levels AS (SELECT max(coalesce((time - a <= {WEEK})::INT, 0) + coalesce((time - b <= {WEEK})::INT, 0)
                                  + coalesce((time - c <= {WEEK})::INT, 0)) AS level FROM last GROUP BY person)
            SELECT count(*) FILTER (level >= 1), count(*) FILTER (level >= 2), count(*) FILTER (level >= 3) FROM levels""",
        "funnel_exclusion": exclusion([a, b, c], excluded),
        "funnel_per_day": f"""
            WITH a AS (SELECT person, time FROM e WHERE event = '{a}'),
            b AS (SELECT person, time AS tb FROM e WHERE event = '{b}'),
            c AS (SELECT person, time AS tc FROM e WHERE event = '{c}'),
            ab AS (SELECT a.person, time, tb FROM a ASOF LEFT JOIN b ON a.person = b.person AND time <= tb),
            abc AS (SELECT ab.person, time, tb, tc FROM ab ASOF LEFT JOIN c ON ab.person = c.person AND tb <= tc)
            SELECT count(DISTINCT person), count(DISTINCT person) FILTER (tb - time <= {WEEK}),
                   count(DISTINCT person) FILTER (tc - time <= {WEEK})
            FROM abc GROUP BY {day} ORDER BY {day}""",
        # Times are those of the attempt that is complete first, as late as it can have begun.
        "funnel_times": f"""
            {chain([a, b, c])},
            third AS (SELECT person, arg_min(began, time) AS ta, arg_min(before, time) AS tb, min(time) AS tc
                      FROM s3 WHERE time - began <= {WEEK} GROUP BY person),
            second AS (SELECT person, arg_min(began, time) AS ta, min(time) AS tb, NULL AS tc
                       FROM s2 ANTI JOIN third USING (person) WHERE time - began <= {WEEK} GROUP BY person),
            best AS (FROM second UNION ALL FROM third)
            SELECT (SELECT count(DISTINCT person) FROM s1), count(*), count(tc), 2 * median(tb - ta), 2 * median(tb - ta),
                   2 * median(tc - tb), 2 * median(tc - ta) FROM best""",
        "retention": retention(spec, f"{day} - (began - {start}) // {DAY}"),
        "retention_24_hours": retention(spec, f"(time - began) // {DAY}"),
        # The range begins on a Monday.
        "lifecycle": f"""
            WITH weeks AS (SELECT DISTINCT person, {day} // 7 AS w FROM e),
            lives AS (SELECT w, lag(w) OVER own AS before, lead(w) OVER own AS after FROM weeks
                      WINDOW own AS (PARTITION BY person ORDER BY w)),
            states AS (SELECT w, CASE WHEN before IS NULL THEN 0 WHEN before = w - 1 THEN 1 ELSE 2 END AS state FROM lives
                       UNION ALL SELECT w + 1, 3 FROM lives WHERE after IS DISTINCT FROM w + 1)
            SELECT w, state, count(*) FROM states WHERE w * 7 < {spec["days"]} GROUP BY w, state ORDER BY w, state""",
        "stickiness": f"""
            SELECT n - 1, count(*) FROM (SELECT count(DISTINCT {day}) AS n FROM e GROUP BY person)
            GROUP BY n ORDER BY n""",
        # An end belongs to the latest start if no other end comes between: to the row before, if that is a start.
        "interval": f"""
            WITH pairs AS (SELECT person, time - lag(time) OVER w AS gap, event = '{b}' AND lag(event) OVER w = '{a}' AS paired
                           FROM e WHERE event IN ('{a}', '{b}') WINDOW w AS (PARTITION BY person ORDER BY time, seq))
            SELECT count(*) FILTER (gap <= {DAY}), count(DISTINCT person) FILTER (gap <= {DAY}),
                   count(*) FILTER (gap > {DAY}), 2 * median(gap) FILTER (gap <= {DAY})
            FROM pairs WHERE paired""",
        "sessions": f"""
            WITH gaps AS (SELECT time - lag(time) OVER w AS before, lead(time) OVER w - time AS after FROM e
                          WINDOW w AS (PARTITION BY person ORDER BY time))
            SELECT count(*) FILTER (before IS NULL OR before >= {GAP}), count(*) FILTER (before IS NULL), count(*),
                   count(*) FILTER ((before IS NULL OR before >= {GAP}) AND (after IS NULL OR after >= {GAP})),
                   sum(before) FILTER (before < {GAP})
            FROM gaps""",
        "paths": PATHS,
        "sequence": f"""
            WITH a AS (SELECT person, {key}, time FROM e WHERE event = '{a}'),
            b AS (SELECT person, {key}, time FROM e WHERE event = '{b}')
            SELECT count(DISTINCT b.person) FROM b ASOF JOIN a ON b.person = a.person AND b.key > a.key
            WHERE b.time - a.time <= {DAY}""",
        "last_touch": f"""
            WITH touches AS (SELECT person, time, channel FROM e WHERE event = '{a}'),
            paid AS (SELECT person, time, amount FROM e WHERE event = '{paid}'),
            credited AS (
                SELECT CASE WHEN paid.time - touches.time <= {WEEK} THEN channel::VARCHAR ELSE 'none' END AS name, amount
                FROM paid ASOF LEFT JOIN touches ON paid.person = touches.person AND paid.time > touches.time)
            SELECT name, count(*), sum(amount) FROM credited GROUP BY name ORDER BY name""",
        "segment": f"""
            SELECT count(*) FROM (
                SELECT person FROM e WHERE event IN ('{a}', '{b}') AND time >= {month} AND time < {end} GROUP BY person
                HAVING count(*) FILTER (event = '{a}') >= 3 AND count(*) FILTER (event = '{b}') = 0)""",
        "segment_sequence": f"""
            WITH month AS (SELECT person, {key}, time, event FROM e
                           WHERE time >= {month} AND time < {end} AND event IN ('{a}', '{b}', '{c}', '{paid}')),
            a AS (SELECT person, key, time FROM month WHERE event = '{a}'),
            b AS (SELECT person, key, time FROM month WHERE event = '{b}'),
            c AS (SELECT person, key, time FROM month WHERE event = '{c}'),
            ab AS (SELECT b.person, b.key, b.time FROM b ASOF JOIN a ON b.person = a.person AND b.key > a.key
                   WHERE b.time - a.time <= {WEEK}),
            abc AS (SELECT c.person FROM c ASOF JOIN ab ON c.person = ab.person AND c.key > ab.key
                    WHERE c.time - ab.time <= {WEEK})
            SELECT count(DISTINCT person) FROM abc
            ANTI JOIN (SELECT person FROM month WHERE event = '{paid}') AS bought USING (person)""",
        "segment_tags": f"SELECT count(*) FROM p WHERE ({t1} AND {t2}) OR ({t3} AND NOT {t4})",
        "tag_distribution": "SELECT level, count(*) FROM p WHERE member GROUP BY level ORDER BY level",
        # Equal numbers have equal scores: the rank less one is how many are worse.
        "rfm": f"""
            WITH buyers AS (SELECT ({end} - 1 - max(time)) // {DAY} AS r, count(*) AS f, sum(amount) AS m
                            FROM e WHERE event = '{paid}' GROUP BY person),
            scored AS (SELECT (rank() OVER (ORDER BY r DESC) - 1) * 5 // count(*) OVER () + 1 AS rs,
                              (rank() OVER (ORDER BY f) - 1) * 5 // count(*) OVER () + 1 AS fs,
                              (rank() OVER (ORDER BY m) - 1) * 5 // count(*) OVER () + 1 AS ms, f, m FROM buyers)
            SELECT rs, fs, ms, count(*), sum(f), sum(m) FROM scored GROUP BY rs, fs, ms ORDER BY rs, fs, ms""",
        "timeline": f"""
            SELECT time, event::VARCHAR FROM e WHERE person = {spec["person"]}
            ORDER BY time DESC, seq DESC LIMIT {spec["timeline_rows"]}""",
    }


def chain(steps, held=None):
    """Tables s1, s2, … with, for each event of a step, the latest beginning of an attempt that it can be part of,
    and the step before. A later beginning leaves more of the window, so nothing else has to be tried."""
    also = f", {held}" if held else ""
    tables = [f"s1 AS (SELECT person{also}, time, time AS began FROM e WHERE event = '{steps[0]}')"]
    for step, event in enumerate(steps[1:], 2):
        same = f" AND now.{held} = s{step - 1}.{held}" if held else ""
        also = f", now.{held}" if held else ""
        tables.append(f"""s{step} AS (
                SELECT now.person{also}, now.time, s{step - 1}.began, s{step - 1}.time AS before
                FROM (FROM e WHERE event = '{event}') AS now
                ASOF JOIN s{step - 1} ON now.person = s{step - 1}.person{same} AND now.time >= s{step - 1}.time)""")
    return "WITH " + ",\n            ".join(tables)


def funnel(steps):
    reached = [f"(SELECT count(DISTINCT person) FROM s{step} WHERE time - began <= {WEEK})" for step in range(1, len(steps) + 1)]
    return chain(steps) + "\n            SELECT " + ", ".join(reached)


def strict(steps):
    """Nothing comes strictly between two steps: each is at the instant of the one before, or at the person's next."""
    a, b, c = steps
    return f"""
            WITH instants AS (SELECT person, time, bool_or(event = '{a}') AS a, bool_or(event = '{b}') AS b,
                                     bool_or(event = '{c}') AS c FROM e GROUP BY person, time),
            runs AS (SELECT person, a, b, c, lead(b) OVER w AS b1, lead(c) OVER w AS c1, lead(c, 2) OVER w AS c2,
                            lead(time) OVER w - time <= {WEEK} AS near1, lead(time, 2) OVER w - time <= {WEEK} AS near2
                     FROM instants WINDOW w AS (PARTITION BY person ORDER BY time)),
            levels AS (SELECT max(CASE WHEN (b AND c) OR (near1 AND c1 AND (b OR b1)) OR (near2 AND b1 AND c2) THEN 3
                                       WHEN b OR (near1 AND b1) THEN 2 ELSE 1 END) AS level
                       FROM runs WHERE a GROUP BY person)
            SELECT count(*), count(*) FILTER (level >= 2), count(*) FILTER (level >= 3) FROM levels"""


def exclusion(steps, excluded):
    """An attempt ends at an excluded event strictly between two steps. Who gets no further than an attempt that
    meets one while it waits for its next step has left the funnel."""
    a, b, c = steps
    return f"""
            WITH x AS (SELECT person, time FROM e WHERE event = '{excluded}'),
            a AS (SELECT person, time FROM e WHERE event = '{a}'),
            b AS (SELECT person, time FROM e WHERE event = '{b}'),
            c AS (SELECT person, time FROM e WHERE event = '{c}'),
            ab AS (SELECT b.person, b.time, a.time AS began
                   FROM b ASOF JOIN a ON b.person = a.person AND b.time >= a.time),
            second AS (SELECT ab.person, ab.time, began
                       FROM ab ASOF LEFT JOIN x ON ab.person = x.person AND ab.time > x.time
                       WHERE x.time IS NULL OR x.time <= began),
            abc AS (SELECT c.person, c.time, began, second.time AS before
                    FROM c ASOF JOIN second ON c.person = second.person AND c.time >= second.time),
            reached_3 AS (SELECT DISTINCT abc.person
                          FROM abc ASOF LEFT JOIN x ON abc.person = x.person AND abc.time > x.time
                          WHERE abc.time - began <= {WEEK} AND (x.time IS NULL OR x.time <= before)),
            in_time AS (FROM second WHERE time - began <= {WEEK}),
            clean_2 AS (SELECT DISTINCT in_time.person
                        FROM in_time ASOF LEFT JOIN x ON in_time.person = x.person AND in_time.time < x.time
                        WHERE x.time IS NULL OR x.time - began > {WEEK}),
            clean_1 AS (SELECT DISTINCT a.person FROM a ASOF LEFT JOIN x ON a.person = x.person AND a.time < x.time
                        WHERE x.time IS NULL OR x.time - a.time > {WEEK}),
            third AS (SELECT count(*) AS n FROM reached_3),
            second_only AS (SELECT count(*) AS n FROM clean_2 ANTI JOIN reached_3 USING (person)),
            first_only AS (SELECT count(*) AS n FROM clean_1 ANTI JOIN in_time USING (person))
            SELECT third.n + second_only.n + first_only.n, third.n + second_only.n, third.n
            FROM third, second_only, first_only"""


def retention(spec, column):
    a, b = spec["events"][:2]
    month = spec["month_from"]
    return f"""
            WITH started AS (SELECT person, min(time) AS began, (min(time) - {month}) // {DAY} AS cohort
                             FROM e WHERE event = '{a}' GROUP BY person HAVING min(time) >= {month}),
            back AS (SELECT DISTINCT person, cohort, {column} AS k FROM e JOIN started USING (person)
                     WHERE event = '{b}' AND time >= began),
            cells AS (SELECT cohort, -1 AS k FROM started UNION ALL SELECT cohort, k FROM back)
            SELECT cohort, k, count(*) FROM cells GROUP BY cohort, k ORDER BY cohort, k"""


# Steps are counted from 0. The ten most frequent nodes of a step stand on their own, of equal ones the first by
# name; at the last step it does not matter what comes next.
PATHS = f"""
            WITH walked AS (
                SELECT person, event, time, row_number() OVER w AS n, lead(event) OVER w AS next,
                       coalesce(time - lag(time) OVER w >= {GAP}, true) AS first,
                       coalesce(lead(time) OVER w - time >= {GAP}, true) AS last
                FROM e WINDOW w AS (PARTITION BY person ORDER BY time, seq)),
            steps AS (SELECT event, CASE WHEN last THEN NULL ELSE next END AS next,
                             n - max(CASE WHEN first THEN n END) OVER (PARTITION BY person ORDER BY n ROWS UNBOUNDED PRECEDING)
                                 AS step
                      FROM walked),
            counted AS (SELECT step, event, next, count(*) AS n FROM steps WHERE step < 5 GROUP BY step, event, next),
            ranked AS (SELECT step, event, row_number() OVER (PARTITION BY step ORDER BY sum(n) DESC, event) AS place
                       FROM counted GROUP BY step, event),
            names AS (SELECT step, event, CASE WHEN place <= 10 THEN event::VARCHAR ELSE 'other' END AS name FROM ranked),
            nodes AS (SELECT step, name, next, n FROM counted JOIN names USING (step, event)),
            rows AS (SELECT step, name, '' AS onward, n FROM nodes
                     UNION ALL SELECT step, name, 'end', n FROM nodes WHERE next IS NULL
                     UNION ALL SELECT nodes.step, nodes.name, names.name, n
                     FROM nodes JOIN names ON names.step = nodes.step + 1 AND names.event = nodes.next
                     WHERE nodes.step < 4)
            SELECT step, name, onward, sum(n) FROM rows GROUP BY step, name, onward ORDER BY step, name, onward"""
