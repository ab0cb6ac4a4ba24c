-- SPDX-License-Identifier: Apache-2.0
-- An archive in runs of messages instead of a row for each: a row in three trees for each account
-- that keeps a message, and its body in a fourth, cost more than all the rest of its way.

-- What had arrived and had not moved.
INSERT INTO message (position, holders, stanza)
  SELECT position, holders, stanza FROM arrival WHERE holders > 0;
INSERT INTO archive (account, id, tag, message, bare, exact)
  SELECT account, id, tag, message, bare, exact FROM arrival WHERE archived;
INSERT INTO offline (account, id, tag, message)
  SELECT account, id, tag, message FROM arrival WHERE waits;
INSERT INTO history (account, last, standing, archived_octets, waiting, waiting_octets)
  SELECT account, MAX(id), 'always', SUM(octets * archived), SUM(waits), SUM(octets * waits)
  FROM arrival WHERE TRUE GROUP BY account
  ON CONFLICT (account) DO UPDATE SET
    last = excluded.last,
    archived_octets = archived_octets + excluded.archived_octets,
    waiting = waiting + excluded.waiting,
    waiting_octets = waiting_octets + excluded.waiting_octets;
DROP TABLE arrival;

-- What happened since all that had arrived was filed: a row for each transaction, so that a commit
-- writes one or two pages however many accounts it is of. "records" is read by ArrivalRecord.
CREATE TABLE arrival (
  position INTEGER PRIMARY KEY,
  records BLOB NOT NULL
) STRICT;

-- Messages of one account that follow each other, with their bodies. Every id in it is at least
-- "first", and less than "first" of the account's next. "entries" is read by ArchiveRun.
CREATE TABLE archive_run (
  position INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (position),
  first INTEGER NOT NULL,
  oldest INTEGER NOT NULL, -- the least id that is still in it
  messages INTEGER NOT NULL, -- how many are in it
  entries BLOB NOT NULL
) STRICT;

-- With "messages", so that they are counted without the table.
CREATE INDEX archive_run_order ON archive_run (account, first, messages);

-- In which runs an account's messages with somebody are, and how many: by their bare and by their
-- full JID.
CREATE TABLE archive_peer (
  account INTEGER NOT NULL,
  jid TEXT NOT NULL,
  first INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (account, jid, first)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE filed AS
  SELECT archive.account, id, tag, jid, stanza,
    SUM(octet_length(stanza)) OVER (PARTITION BY archive.account ORDER BY id) / 8192 AS run
  FROM archive
  JOIN message ON message.position = archive.message
  JOIN peer ON peer.position = archive.exact;
CREATE TEMP TABLE run AS
  SELECT account, run, MIN(id) AS first FROM filed GROUP BY account, run;
INSERT INTO archive_run (account, first, oldest, messages, entries)
  SELECT account, MIN(id), MIN(id), COUNT(*),
    unhex(group_concat(
      printf('%016x%08x%08x', id, tag & 0xffffffff, octet_length(jid)) || hex(jid)
        || printf('%08x', octet_length(stanza)) || hex(stanza),
      '' ORDER BY id))
  FROM filed GROUP BY account, run;
INSERT INTO archive_peer (account, jid, first, messages)
  SELECT account, jid, first, COUNT(*)
  FROM (
    SELECT account, jid, first FROM filed JOIN temp.run USING (account, run)
    UNION ALL
    SELECT account, substr(jid, 1, instr(jid, '/') - 1), first
      FROM filed JOIN temp.run USING (account, run) WHERE instr(jid, '/') > 0
  )
  GROUP BY account, jid, first;
DROP TABLE temp.run;
DROP TABLE temp.filed;

-- What waits has its body with it. "archived": whether the archive holds it, too, under the same id.
ALTER TABLE offline RENAME TO offline_before;
CREATE TABLE offline (
  account INTEGER NOT NULL REFERENCES account (position),
  id INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  stanza TEXT NOT NULL,
  PRIMARY KEY (account, id)
) STRICT;
INSERT INTO offline (account, id, tag, archived, stanza)
  SELECT account, id, tag,
    EXISTS (SELECT 1 FROM archive
      WHERE archive.account = offline_before.account AND archive.id = offline_before.id),
    stanza
  FROM offline_before JOIN message ON position = message;

DROP TABLE offline_before;
DROP TABLE archive;
DROP TABLE peer;
DROP TABLE message;
