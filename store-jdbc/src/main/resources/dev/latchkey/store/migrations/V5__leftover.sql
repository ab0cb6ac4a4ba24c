-- SPDX-License-Identifier: Apache-2.0
-- Accounts that were deleted and of which something may still be kept in other tables. The row is
-- written with the deletion and goes when nothing is left, so that a crash between leaves no trace
-- of a person behind.

CREATE TABLE leftover (
  account INTEGER PRIMARY KEY REFERENCES account (position)
) STRICT;
