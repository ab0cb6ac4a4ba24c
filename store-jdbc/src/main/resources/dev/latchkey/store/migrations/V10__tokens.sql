-- SPDX-License-Identifier: Apache-2.0
-- What a device may sign in with besides a certificate and a password: tokens of FAST, keys of
-- CLIENT-KEY, tokens of X-TOKEN.

-- A dead one stays until its date has passed, so that who proves that he holds it can be told.
CREATE TABLE fast (
  credential TEXT NOT NULL PRIMARY KEY REFERENCES credential (id),
  mechanism TEXT NOT NULL,
  token BLOB NOT NULL,
  user_agent BLOB NOT NULL,
  used INTEGER NOT NULL
) STRICT;

-- What is sealed signs in only together with what the client alone has.
CREATE TABLE client_key (
  credential TEXT NOT NULL PRIMARY KEY REFERENCES credential (id),
  client_id TEXT NOT NULL,
  name TEXT NOT NULL,
  encrypted_secret BLOB NOT NULL,
  validator BLOB NOT NULL,
  counter INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  restored INTEGER NOT NULL
) STRICT;

CREATE TABLE auth_token (
  credential TEXT NOT NULL PRIMARY KEY REFERENCES credential (id),
  hash BLOB NOT NULL,
  client TEXT NOT NULL,
  description TEXT NOT NULL
) STRICT;

CREATE INDEX token_expiry ON credential (expires) WHERE kind IN ('fast', 'auth-token');
