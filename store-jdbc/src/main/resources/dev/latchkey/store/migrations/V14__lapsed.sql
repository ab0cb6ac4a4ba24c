-- SPDX-License-Identifier: Apache-2.0
-- Client keys go some time after their date, too.

DROP INDEX token_expiry;
CREATE INDEX credential_expiry ON credential (expires)
  WHERE kind IN ('fast', 'client-key', 'auth-token');
