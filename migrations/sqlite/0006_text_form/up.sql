-- In which form folded texts are kept: what the index of products holds, and the names by which organisations are
-- compared. Where it is not the program's, they are made anew at start.
CREATE TABLE text_form (
    id INTEGER NOT NULL,
    form INTEGER NOT NULL,
    PRIMARY KEY (id),
    CHECK (id = 1)
) STRICT;
INSERT INTO text_form (id, form) VALUES (1, 0);
