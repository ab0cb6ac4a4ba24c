-- SPDX-License-Identifier: Apache-2.0
-- What is kept of messages: archives, and what waits for who is away.
--
-- Rows hang on account.position. An id is microseconds since 1970, made greater where the clock did
-- not go on, so within an account the order of ids is the order of time and needs no other index.

-- What is known of an account here: the newest id it ever had, and what it wants archived.
CREATE TABLE history (
  account INTEGER NOT NULL PRIMARY KEY REFERENCES account (position),
  last INTEGER NOT NULL,
  standing TEXT NOT NULL
) STRICT;

CREATE TABLE history_exception (
  account INTEGER NOT NULL REFERENCES account (position),
  jid TEXT NOT NULL,
  always INTEGER NOT NULL,
  PRIMARY KEY (account, jid, always)
) STRICT, WITHOUT ROWID;

-- One message, however many keep it. "holders" counts the rows of "archive" and "offline" that name
-- it; who removes the last removes it too. Foreign keys to it would cost each of those an index.
CREATE TABLE message (
  position INTEGER PRIMARY KEY,
  holders INTEGER NOT NULL,
  stanza TEXT NOT NULL
) STRICT;

-- Whom an account wrote with, bare and full.
CREATE TABLE peer (
  position INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (position),
  jid TEXT NOT NULL,
  UNIQUE (account, jid)
) STRICT;

CREATE TABLE archive (
  account INTEGER NOT NULL REFERENCES account (position),
  id INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  message INTEGER NOT NULL,
  bare INTEGER NOT NULL REFERENCES peer (position),
  exact INTEGER NOT NULL REFERENCES peer (position),
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX archive_bare ON archive (bare, id);

CREATE INDEX archive_exact ON archive (exact, id);

-- An id that stands in both is the same message.
CREATE TABLE offline (
  account INTEGER NOT NULL REFERENCES account (position),
  id INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
