-- SPDX-License-Identifier: Apache-2.0
-- Accounts, devices, credentials, their history, and what must stay dead.
--
-- Words stand as the model spells them; times are RFC 3339 in UTC with nine digits, so that their
-- order is the order of their texts; "position" keeps the order in which rows came.

CREATE TABLE account (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  localpart TEXT NOT NULL,
  domain TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  created TEXT NOT NULL
) STRICT;

-- A name may be given away again once its account is deleted; the ids differ (rule 4).
CREATE UNIQUE INDEX account_address ON account (domain, localpart) WHERE status <> 'deleted';

CREATE TABLE device (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  generation INTEGER NOT NULL,
  permissions TEXT NOT NULL,
  resource_lock TEXT,
  parent TEXT,
  origin TEXT NOT NULL,
  unbound INTEGER NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen TEXT,
  UNIQUE (account, id),
  FOREIGN KEY (account, parent) REFERENCES device (account, id)
) STRICT;

CREATE TABLE credential (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES account (id),
  device TEXT,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  generation INTEGER NOT NULL,
  created TEXT NOT NULL,
  expires TEXT,
  FOREIGN KEY (account, device) REFERENCES device (account, id)
) STRICT;

CREATE INDEX credential_account ON credential (account);

CREATE TABLE certificate (
  credential TEXT NOT NULL PRIMARY KEY REFERENCES credential (id),
  fingerprint BLOB NOT NULL,
  certificate BLOB NOT NULL,
  issuer BLOB,
  public_key BLOB NOT NULL,
  request BLOB,
  proven INTEGER NOT NULL,
  used INTEGER NOT NULL
) STRICT;

-- Not unique: several accounts may list one certificate (rule 3).
CREATE INDEX certificate_fingerprint ON certificate (fingerprint);

CREATE TABLE one_time (
  credential TEXT NOT NULL PRIMARY KEY REFERENCES credential (id),
  name TEXT,
  allow TEXT NOT NULL,
  resource TEXT,
  certificate BLOB,
  issuer_device TEXT,
  issuer_generation INTEGER,
  redeemed_device TEXT,
  redeemed_public_key BLOB,
  redeemed_at TEXT,
  failed_tasks INTEGER NOT NULL
) STRICT;

-- StoredKey and ServerKey, sealed together (rule 7). "form" tells the text forms of one secret
-- apart (rule 19).
CREATE TABLE scram_verifier (
  credential TEXT NOT NULL REFERENCES credential (id),
  form INTEGER NOT NULL,
  hash TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (credential, form)
) STRICT;

CREATE TABLE event (
  account TEXT NOT NULL REFERENCES account (id),
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  actor_id TEXT,
  actor_generation INTEGER,
  device TEXT,
  credential TEXT,
  reason TEXT,
  PRIMARY KEY (account, seq)
) STRICT;

-- The same lines as in the log outside the database (rule 40).
CREATE TABLE revocation_log (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  generation INTEGER NOT NULL
) STRICT;

CREATE TABLE server_secret (
  name TEXT NOT NULL PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;
