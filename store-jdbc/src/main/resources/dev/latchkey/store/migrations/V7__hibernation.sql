-- SPDX-License-Identifier: Apache-2.0
-- Sessions that wait for their clients while the server is stopped (XEP-0198). Empty while it runs.

CREATE TABLE hibernated_session (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES account (id),
  localpart TEXT NOT NULL,
  domain TEXT NOT NULL,
  device TEXT NOT NULL,
  generation INTEGER NOT NULL,
  credential TEXT,
  mechanism TEXT NOT NULL,
  resource TEXT NOT NULL,
  longest INTEGER NOT NULL, -- seconds
  since TEXT NOT NULL,
  handled INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL,
  place TEXT NOT NULL
) STRICT;

-- What such a session was sent and its client has not acknowledged, in order.
CREATE TABLE hibernated_stanza (
  position INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES hibernated_session (position) ON DELETE CASCADE,
  xml TEXT NOT NULL,
  receipt INTEGER NOT NULL, -- whether there is one
  archived TEXT,
  waiting TEXT,
  alone INTEGER NOT NULL
) STRICT;

CREATE INDEX hibernated_stanza_session ON hibernated_stanza (session);
