-- SPDX-License-Identifier: Apache-2.0
-- Personal eventing: the nodes of accounts, what is published there, and for whom.

CREATE TABLE eventing_node (
  position INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (position),
  name TEXT NOT NULL,
  access TEXT NOT NULL,
  roster_groups TEXT NOT NULL, -- set apart by U+001F, which no XML has
  persist INTEGER NOT NULL,
  max_items INTEGER NOT NULL,
  deliver_payloads INTEGER NOT NULL,
  notify_configuration INTEGER NOT NULL,
  notify_delete INTEGER NOT NULL,
  notify_retract INTEGER NOT NULL,
  last_item TEXT NOT NULL,
  max_payload INTEGER NOT NULL,
  title TEXT,
  description TEXT,
  type TEXT,
  items INTEGER NOT NULL DEFAULT 0, -- how many there are; kept by the triggers below
  octets INTEGER NOT NULL DEFAULT 0, -- of their payloads; kept by the triggers below
  UNIQUE (account, name)
) STRICT;

-- A greater position is a newer item.
CREATE TABLE eventing_item (
  position INTEGER PRIMARY KEY,
  node INTEGER NOT NULL REFERENCES eventing_node (position) ON DELETE CASCADE,
  id TEXT NOT NULL,
  publisher TEXT NOT NULL,
  published TEXT NOT NULL,
  octets INTEGER NOT NULL,
  payload TEXT,
  UNIQUE (node, id)
) STRICT;

-- In the order of their positions, which each index carries.
CREATE INDEX eventing_item_order ON eventing_item (node);

CREATE TRIGGER eventing_item_comes AFTER INSERT ON eventing_item BEGIN
  UPDATE eventing_node SET items = items + 1, octets = octets + NEW.octets
    WHERE position = NEW.node;
END;

CREATE TRIGGER eventing_item_goes AFTER DELETE ON eventing_item BEGIN
  UPDATE eventing_node SET items = items - 1, octets = octets - OLD.octets
    WHERE position = OLD.node;
END;

-- Who is somebody at a node: made something by the owner, or a subscriber, or both.
CREATE TABLE eventing_person (
  node INTEGER NOT NULL REFERENCES eventing_node (position) ON DELETE CASCADE,
  jid TEXT NOT NULL,
  affiliation TEXT,
  subscribed INTEGER NOT NULL,
  PRIMARY KEY (node, jid)
) STRICT, WITHOUT ROWID;
