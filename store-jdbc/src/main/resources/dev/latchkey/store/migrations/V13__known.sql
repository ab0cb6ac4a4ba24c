-- SPDX-License-Identifier: Apache-2.0
-- Whether others may still hold a deleted account as a contact, by the address that somebody else
-- may have by now. Where somebody had it already, nothing was taken from others.
ALTER TABLE leftover ADD COLUMN known INTEGER NOT NULL DEFAULT 1;

UPDATE leftover SET known = 0 WHERE EXISTS (
  SELECT 1 FROM account AS gone JOIN account AS heir
    ON heir.domain = gone.domain AND heir.localpart = gone.localpart AND heir.status <> 'deleted'
  WHERE gone.position = leftover.account);
