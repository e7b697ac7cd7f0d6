"""chDB's side: how it loads the events and people, and its best known SQL for every question.

Where a question is about what people do one after another, rows are grouped by person in the order of the
table (`optimize_aggregation_in_order`), or windows run in it. A window's frame by range holds the rows of one
instant together: `upto` is what is not later than a row, `before` what is earlier, `beyond` what is later.
"""
from chdb import session

DAY = 86_400_000
WEEK = 7 * DAY
GAP = 1_800_000
IN_ORDER = "SETTINGS optimize_aggregation_in_order = 1"
FRAMES = """WINDOW upto AS (PARTITION BY person ORDER BY time RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
                   before AS (PARTITION BY person ORDER BY time RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                   onward AS (PARTITION BY person ORDER BY time RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
                   beyond AS (PARTITION BY person ORDER BY time RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"""


class Engine:
    name = "chdb"

    def __init__(self, folder, spec):
        self.spec = spec
        self.session = session.Session(str(folder / "chdb"))
        self.session.query("CREATE DATABASE IF NOT EXISTS b ENGINE = Atomic")
        self.session.query("USE b")

    def load_events(self, files):
        """Merged people are made one while loading, which siyu does at every question."""
        users, every = self.spec["users"], self.spec["merged_every"]
        run = self.session.query
        run("""CREATE TABLE e (person UInt32, time Int64 CODEC(Delta, ZSTD), seq UInt64 CODEC(Delta, ZSTD),
                               event LowCardinality(String), channel LowCardinality(String),
                               path LowCardinality(String), amount Nullable(Int64))
               ENGINE = MergeTree ORDER BY (person, time, seq)""")
        run(f"""INSERT INTO e
                SELECT if(person >= {users}, (person - {users}) * {every}, person), toUnixTimestamp64Milli(time), seq, event,
                       `p.channel`, `p.path`, `p.amount_minor` FROM file('{files}', Parquet)""")
        run("OPTIMIZE TABLE e FINAL")

    def load_people(self, people):
        run = self.session.query
        tags = ", ".join(f"t{tag:02} UInt8" for tag in range(40))
        run(f"CREATE TABLE p (person UInt32, member UInt8, level LowCardinality(String), {tags}) ENGINE = MergeTree ORDER BY person")
        run(f"INSERT INTO p SELECT * FROM file('{people}', CSVWithNames)")
        run("OPTIMIZE TABLE p FINAL")

    def close(self):
        self.session.close()

    def disk_bytes(self):
        return self.ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'b' AND table = 'e'")[0][0]

    def ask(self, sql):
        lines = str(self.session.query(sql, "TabSeparated")).split("\n")
        return [[value(cell) for cell in line.split("\t")] for line in lines if line]

    def ask_all(self, all_sql):
        """One after another: a session answers one question at a time, with all cores."""
        return [row for sql in all_sql for row in self.ask(sql)]


def value(cell):
    return int(cell) if cell.lstrip("-").isdigit() else cell


LEFT_OUT = {
    "markov": "SQL has no solver of linear systems",
}


def questions(spec):
    a, b, c, paid, excluded = spec["events"][:5]
    start, month, end = spec["from"], spec["month_from"], spec["to"]
    # The zone has had no clock changes since 1991: its days are 24 hours from the first midnight.
    day = f"intDiv(time - {start}, {DAY})"
    three = f"event IN ('{a}', '{b}', '{c}')"
    t1, t2, t3, t4 = (f"t{tag:02}" for tag in spec["chosen_tags"])
    return {
        "trend": f"SELECT count() FROM e WHERE event = '{a}' GROUP BY {day} AS d ORDER BY d",
        "trend_people": f"SELECT uniqExact(person) FROM e WHERE event = '{a}' GROUP BY {day} AS d ORDER BY d",
        "trend_breakdown": f"SELECT count() FROM e WHERE event = '{a}' GROUP BY channel ORDER BY channel",
        "trend_people_by_channel": f"""
            SELECT uniqExact(person) FROM e WHERE event = '{a}' GROUP BY channel, {day} AS d ORDER BY channel, d""",
        "active_per_day": f"SELECT uniqExact(person) FROM e GROUP BY {day} AS d ORDER BY d",
        # Each active day makes the person count for seven days, less those that the one before covers.
        "active_in_7_days": f"""
            SELECT sum(sum(change)) OVER (ORDER BY d) FROM (
                SELECT arrayJoin(arrayConcat(
                           arrayMap((d, before) -> (greatest(d, before + 7), 1), days, arrayPushFront(arrayPopBack(days), -7)),
                           arrayMap(d -> (d + 7, -1), days))) AS changed,
                       changed.1 AS d, changed.2 AS change
                FROM (SELECT arraySort(groupUniqArray({day})) AS days FROM e GROUP BY person {IN_ORDER}))
            WHERE d < {spec["days"]} GROUP BY d ORDER BY d""",
        "top_pages": "SELECT count() AS n FROM e GROUP BY path ORDER BY n DESC LIMIT 10",
        "times_per_person": f"""
            SELECT (n >= 2) + (n >= 3) + (n >= 5) + (n >= 10) + (n >= 20) + (n >= 50) AS bin, count()
            FROM (SELECT count() AS n FROM e WHERE event = '{a}' GROUP BY person {IN_ORDER}) GROUP BY bin ORDER BY bin""",
        "funnel": funnel([a, b, c]),
        "funnel_by_channel": f"""
            SELECT channel, countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
            FROM (SELECT channel, {level([a, b, c])} AS level FROM e WHERE {three} GROUP BY person, channel {IN_ORDER})
            WHERE level > 0 GROUP BY channel ORDER BY channel""",
        "funnel_8_steps": funnel(spec["events"]),
        # Not `strict_order`, which gives up a person at the first other event, whatever is tried later. Nothing
        # comes strictly between two steps: each is at the instant of the one before, or at the person's next.
        "funnel_strict": f"""
            SELECT count(), countIf(level >= 2), countIf(level >= 3) FROM (
                SELECT max(multiIf((bitAnd(m, 6) = 6) OR (near1 AND bitAnd(m1, 4) AND bitAnd(bitOr(m, m1), 2))
                                       OR (near2 AND bitAnd(m1, 2) AND bitAnd(m2, 4)), 3,
                                   bitAnd(m, 2) OR (near1 AND bitAnd(m1, 2)), 2, 1)) AS level
                FROM (SELECT person, m, leadInFrame(m, 1) OVER w AS m1, leadInFrame(m, 2) OVER w AS m2,
                             leadInFrame(time, 1) OVER w - time <= {WEEK} AS near1,
                             leadInFrame(time, 2) OVER w - time <= {WEEK} AS near2
                      FROM (SELECT person, time,
                                   groupBitOr(multiIf(event = '{a}', 1, event = '{b}', 2, event = '{c}', 4, 0)) AS m
                            FROM e GROUP BY person, time {IN_ORDER})
                      WINDOW w AS (PARTITION BY person ORDER BY time ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING))
                WHERE bitAnd(m, 1) GROUP BY person)""",
        "funnel_same_page": f"""
            SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
            FROM (SELECT {level([a, b, c])} AS level FROM e WHERE {three} GROUP BY person, path {IN_ORDER})""",
        # The best of the funnels in each of the six orders.
        "funnel_any_order": f"""
            SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
            FROM (SELECT greatest({level([a, b, c])}, {level([a, c, b])}, {level([b, a, c])},
                                  {level([b, c, a])}, {level([c, a, b])}, {level([c, b, a])}) AS level
                  FROM e WHERE {three} GROUP BY person {IN_ORDER})""",
        "funnel_exclusion": exclusion([a, b, c], excluded),
        "funnel_per_day": f"""
            SELECT uniqExact(person), uniqExactIf(person, tb > 0 AND tb - time <= {WEEK}),
                   uniqExactIf(person, tc > 0 AND tc - time <= {WEEK})
            FROM (SELECT person, time, event, tb, minIf(after, event = '{b}' AND after > 0) OVER onward AS tc
                  FROM (SELECT person, time, event, minIf(time, event = '{b}') OVER onward AS tb,
                               minIf(time, event = '{c}') OVER onward AS after
                        FROM e WHERE {three} {FRAMES})
                  {FRAMES})
            WHERE event = '{a}' GROUP BY {day} AS d ORDER BY d""",
        "funnel_times": times([a, b, c]),
        "retention": retention(spec, f"intDiv(t - {start}, {DAY}) - intDiv(began - {start}, {DAY})"),
        "retention_24_hours": retention(spec, f"intDiv(t - began, {DAY})"),
        # The range begins on a Monday. Of every week: the state in it, and dormant in the next one if not active.
        "lifecycle": f"""
            SELECT w, state, count() FROM (
                SELECT arrayJoin(arrayConcat(
                           arrayMap((w, before) -> (w, multiIf(before < 0, 0, before = w - 1, 1, 2)),
                                    weeks, arrayPushFront(arrayPopBack(weeks), -9)),
                           arrayMap((w, after) -> (if(after = w + 1, -1, w + 1), 3),
                                    weeks, arrayPushBack(arrayPopFront(weeks), -9)))) AS found,
                       found.1 AS w, found.2 AS state
                FROM (SELECT arraySort(groupUniqArray(intDiv({day}, 7))) AS weeks FROM e GROUP BY person {IN_ORDER}))
            WHERE w >= 0 AND w * 7 < {spec["days"]} GROUP BY w, state ORDER BY w, state""",
        "stickiness": f"""
            SELECT n - 1, count() FROM (SELECT uniqExact({day}) AS n FROM e GROUP BY person {IN_ORDER})
            GROUP BY n ORDER BY n""",
        # An end belongs to the latest start if no other end comes between: to the row before, if that is a start.
        "interval": f"""
            SELECT countIf(gap <= {DAY}), uniqExactIf(person, gap <= {DAY}), countIf(gap > {DAY}),
                   toInt64(2 * quantileExactInclusiveIf(0.5)(gap, gap <= {DAY}))
            FROM (SELECT person, event, lagInFrame(event) OVER w AS before, time - lagInFrame(time) OVER w AS gap
                  FROM e WHERE event IN ('{a}', '{b}') WINDOW w AS (PARTITION BY person ORDER BY time, seq))
            WHERE event = '{b}' AND before = '{a}'""",
        "sessions": f"""
            SELECT sum(arrayCount(cuts)), count(), sum(length(cuts)),
                   sum(arrayCount((cut, next) -> cut AND next, cuts, arrayPushBack(arrayPopFront(cuts), 1))),
                   sum(arraySum(gap -> if(gap < {GAP}, gap, 0), gaps))
            FROM (SELECT arrayDifference(arraySort(groupArray(time))) AS gaps,
                         arrayPushFront(arrayMap(gap -> gap >= {GAP}, arrayPopFront(gaps)), 1) AS cuts
                  FROM e GROUP BY person {IN_ORDER})""",
        "paths": PATHS,
        "sequence": f"""
            SELECT countIf(found) FROM (
                SELECT sequenceMatch('(?1)(?t<={DAY})(?2)')(toUInt64(time), event = '{a}', event = '{b}') AS found
                FROM e WHERE event IN ('{a}', '{b}') GROUP BY person {IN_ORDER})""",
        "last_touch": f"""
            SELECT if(touch.2 >= time - {WEEK}, touch.1, 'none') AS name, count(), sum(amount)
            FROM (SELECT event, time, amount,
                         argMaxIf((channel, time), time, event = '{a}') OVER before AS touch
                  FROM e WHERE event IN ('{a}', '{paid}') {FRAMES})
            WHERE event = '{paid}' GROUP BY name ORDER BY name""",
        "segment": f"""
            SELECT count() FROM (
                SELECT person FROM e WHERE event IN ('{a}', '{b}') AND time >= {month} AND time < {end} GROUP BY person
                HAVING countIf(event = '{a}') >= 3 AND countIf(event = '{b}') = 0 {IN_ORDER})""",
        "segment_sequence": f"""
            SELECT count() FROM (
                SELECT person FROM e
                WHERE event IN ('{a}', '{b}', '{c}', '{paid}') AND time >= {month} AND time < {end} GROUP BY person
                HAVING countIf(event = '{paid}') = 0
                   AND sequenceMatch('(?1)(?t<={WEEK})(?2)(?t<={WEEK})(?3)')
                           (toUInt64(time), event = '{a}', event = '{b}', event = '{c}') {IN_ORDER})""",
        "segment_tags": f"SELECT count() FROM p WHERE ({t1} AND {t2}) OR ({t3} AND NOT {t4})",
        "tag_distribution": "SELECT level, count() FROM p WHERE member GROUP BY level ORDER BY level",
        # Equal numbers have equal scores: the rank less one is how many are worse.
        "rfm": f"""
            SELECT rs, fs, ms, count(), sum(f), sum(m)
            FROM (SELECT intDiv((rank() OVER (ORDER BY r DESC) - 1) * 5, count() OVER ()) + 1 AS rs,
                         intDiv((rank() OVER (ORDER BY f) - 1) * 5, count() OVER ()) + 1 AS fs,
                         intDiv((rank() OVER (ORDER BY m) - 1) * 5, count() OVER ()) + 1 AS ms, f, m
                  FROM (SELECT intDiv({end} - 1 - max(time), {DAY}) AS r, count() AS f, sum(amount) AS m
                        FROM e WHERE event = '{paid}' GROUP BY person {IN_ORDER}))
            GROUP BY rs, fs, ms ORDER BY rs, fs, ms""",
        "timeline": f"""
            SELECT time, event FROM e WHERE person = {spec["person"]}
            ORDER BY time DESC, seq DESC LIMIT {spec["timeline_rows"]}""",
    }


def level(steps):
    """How far somebody gets. `strict_once`: one event is one step, as siyu says."""
    conditions = ", ".join(f"event = '{event}'" for event in steps)
    return f"windowFunnel({WEEK}, 'strict_once')(toUInt64(time), {conditions})"


def funnel(steps):
    reached = ", ".join(f"countIf(level >= {step})" for step in range(1, len(steps) + 1))
    events = ", ".join(f"'{event}'" for event in steps)
    return f"""
            SELECT {reached}
            FROM (SELECT {level(steps)} AS level FROM e WHERE event IN ({events}) GROUP BY person {IN_ORDER})"""


def exclusion(steps, excluded):
    """An attempt ends at an excluded event strictly between two steps. Who gets no further than an attempt that
    meets one while it waits for its next step has left the funnel. No time is 0, so that stands for none."""
    a, b, c = steps
    return f"""
            SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) FROM (
                SELECT multiIf(countIf(event = '{c}' AND latest_b > 0 AND time - began <= {WEEK} AND last_x <= latest_b) > 0, 3,
                               countIf(second AND time - latest_a <= {WEEK}) > 0,
                               if(countIf(second AND time - latest_a <= {WEEK} AND (next_x = 0 OR next_x - latest_a > {WEEK})) > 0, 2, 0),
                               countIf(event = '{a}' AND (next_x = 0 OR next_x - time > {WEEK})) > 0, 1, 0) AS level
                FROM (SELECT *, maxIf(time, second) OVER upto AS latest_b, maxIf(latest_a, second) OVER upto AS began
                      FROM (SELECT *, event = '{b}' AND latest_a > 0 AND last_x <= latest_a AS second
                            FROM (SELECT person, time, event, maxIf(time, event = '{a}') OVER upto AS latest_a,
                                         maxIf(time, event = '{excluded}') OVER before AS last_x,
                                         minIf(time, event = '{excluded}') OVER beyond AS next_x
                                  FROM e WHERE event IN ('{a}', '{b}', '{c}', '{excluded}') {FRAMES}))
                      {FRAMES})
                GROUP BY person)"""


def times(steps):
    """Times are those of the attempt that is complete first, as late as it can have begun."""
    a, b, c = steps
    median = "toInt64(2 * quantileExactInclusiveIf(0.5)"
    return f"""
            SELECT countIf(entered), countIf(two), countIf(three), {median}(gap, two)), {median}(gap, two)),
                   {median}(third.3 - third.2, three)), {median}(third.3 - third.1, three))
            FROM (SELECT countIf(event = '{a}') > 0 AS entered,
                         countIf(is_second) > 0 AS two, argMinIf((latest_a, time), time, is_second) AS second,
                         countIf(is_third) > 0 AS three, argMinIf((began, latest_b, time), time, is_third) AS third,
                         if(three, third.2 - third.1, second.2 - second.1) AS gap
                  FROM (SELECT *, event = '{b}' AND latest_a > 0 AND time - latest_a <= {WEEK} AS is_second,
                               event = '{c}' AND began > 0 AND time - began <= {WEEK} AS is_third
                        FROM (SELECT *, maxIf(time, event = '{b}' AND latest_a > 0) OVER upto AS latest_b,
                                     maxIf(latest_a, event = '{b}') OVER upto AS began
                              FROM (SELECT person, time, event, maxIf(time, event = '{a}') OVER upto AS latest_a
                                    FROM e WHERE event IN ('{a}', '{b}', '{c}') {FRAMES})
                              {FRAMES}))
                  GROUP BY person)"""


def retention(spec, column):
    a, b = spec["events"][:2]
    month = spec["month_from"]
    return f"""
            SELECT intDiv(began - {month}, {DAY}) AS cohort,
                   arrayJoin(arrayPushFront(arrayDistinct(arrayMap(t -> {column}, arrayFilter(t -> t >= began, backs))), -1)) AS k,
                   count()
            FROM (SELECT minIf(time, event = '{a}') AS began, groupArrayIf(time, event = '{b}') AS backs
                  FROM e WHERE event IN ('{a}', '{b}') GROUP BY person HAVING began >= {month} {IN_ORDER})
            GROUP BY cohort, k ORDER BY cohort, k"""


# Steps are counted from 0. The ten most frequent nodes of a step stand on their own, of equal ones the first by
# name; at the last step it does not matter what comes next. Whatever follows a step is a node of the next one,
# so its place there can be reckoned from the edges.
PATHS = f"""
            SELECT row.1 AS step, row.2 AS name, row.3 AS onward, sum(n)
            FROM (SELECT n, if(place <= 10, event, 'other') AS name, if(next_place <= 10, next, 'other') AS next_name,
                         arrayJoin(multiIf(next = '', [(step, name, ''), (step, name, 'end')],
                                           step < 4, [(step, name, ''), (step, name, next_name)],
                                           [(step, name, '')])) AS row
                  FROM (SELECT *, dense_rank() OVER (PARTITION BY step ORDER BY here DESC, event) AS place,
                               dense_rank() OVER (PARTITION BY step ORDER BY next = '', there DESC, next) AS next_place
                        FROM (SELECT *, sum(n) OVER (PARTITION BY step, event) AS here,
                                     sum(n) OVER (PARTITION BY step, next) AS there
                              FROM (SELECT edge.1 AS step, edge.2 AS event, edge.3 AS next, count() AS n
                                    FROM (SELECT arrayJoin(walked) AS s,
                                                 arrayJoin(arrayMap(i -> (i - 1, s[i], if(i < length(s), s[i + 1], '')),
                                                                    range(1, least(length(s), 5) + 1))) AS edge
                                          FROM (SELECT arraySort(groupArray((time, seq, toString(event)))) AS rows,
                                                       arraySplit((row, gap) -> gap >= {GAP}, rows.3, arrayDifference(rows.1)) AS walked
                                                FROM e GROUP BY person {IN_ORDER}))
                                    GROUP BY step, event, next))))
            GROUP BY step, name, onward ORDER BY step, name, onward"""
