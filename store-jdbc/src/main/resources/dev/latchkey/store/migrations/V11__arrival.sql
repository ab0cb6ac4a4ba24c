-- SPDX-License-Identifier: Apache-2.0
-- What is kept already and does not stand in "message", "archive", "offline" and "history" yet.
-- Rows are only added at the end, so that a commit writes one or two pages however many accounts
-- they are of; many at a time they move to where they are found.

-- One row for each account that keeps a message; "archived" and "waits" say where it goes. Nothing
-- is referenced: that would be looked up for each message, and is when the row moves.
CREATE TABLE arrival (
  position INTEGER PRIMARY KEY,
  message INTEGER NOT NULL, -- the position of its body, here and there
  account INTEGER NOT NULL,
  id INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  octets INTEGER NOT NULL, -- of the body
  archived INTEGER NOT NULL,
  waits INTEGER NOT NULL,
  bare INTEGER, -- these two only if it is archived
  exact INTEGER,
  holders INTEGER, -- these two only in the first row of a message, whose position is the body's
  stanza TEXT
) STRICT;
