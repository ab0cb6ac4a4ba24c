-- SPDX-License-Identifier: Apache-2.0
-- The last events of each kind are kept: the older ones are found by this.

CREATE INDEX event_kind ON event (account, kind, seq);
