-- SPDX-License-Identifier: Apache-2.0
-- How much is kept for each account: counted with every change, so that no message waits for a sum
-- over all those before it.

ALTER TABLE history ADD COLUMN archived_octets INTEGER NOT NULL DEFAULT 0;

ALTER TABLE history ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;

ALTER TABLE history ADD COLUMN waiting_octets INTEGER NOT NULL DEFAULT 0;

UPDATE history SET
  archived_octets = COALESCE(
    (SELECT SUM(octet_length(stanza)) FROM archive JOIN message ON message.position = archive.message
      WHERE archive.account = history.account), 0),
  waiting = (SELECT COUNT(*) FROM offline WHERE offline.account = history.account),
  waiting_octets = COALESCE(
    (SELECT SUM(octet_length(stanza)) FROM offline JOIN message ON message.position = offline.message
      WHERE offline.account = history.account), 0);
