-- SPDX-License-Identifier: Apache-2.0
-- Rosters, block lists, and what clients keep of their own.

-- The version that the next change must have been decided on.
CREATE TABLE roster (
  account INTEGER NOT NULL PRIMARY KEY REFERENCES account (position),
  version INTEGER NOT NULL
) STRICT;

-- "groups" has the unit separator between its names, a character that XML cannot hold.
CREATE TABLE roster_item (
  position INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (position),
  contact TEXT NOT NULL,
  name TEXT NOT NULL,
  groups TEXT NOT NULL,
  state TEXT NOT NULL,
  approved INTEGER NOT NULL,
  listed INTEGER NOT NULL,
  request TEXT,
  UNIQUE (account, contact)
) STRICT;

-- Who holds an account that is deleted.
CREATE INDEX roster_item_contact ON roster_item (contact);

CREATE TABLE blocked (
  position INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (position),
  jid TEXT NOT NULL,
  UNIQUE (account, jid)
) STRICT;

CREATE TABLE private_element (
  account INTEGER NOT NULL REFERENCES account (position),
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  xml TEXT NOT NULL,
  PRIMARY KEY (account, namespace, name)
) STRICT;
