-- Who came to a segment and who went, refresh by refresh. Numbers are packed bitmaps in base 64.
CREATE TABLE segments_flow (
    project BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    -- The refresh that saw it, and the one before, which did not; null of the first.
    at BIGINT NOT NULL,
    after BIGINT,
    -- Members afterwards; people who came and went; how many more or fewer people they are because
    -- some merged or were parted.
    people BIGINT NOT NULL,
    joined BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    reshaped BIGINT NOT NULL,
    redefined BIGINT NOT NULL,
    joined_numbers TEXT NOT NULL,
    gone_numbers TEXT NOT NULL,
    PRIMARY KEY (project, segment, at)
);
