-- SPDX-License-Identifier: Apache-2.0
-- Where somebody who is gone was a member, an outcast or a subscriber.
CREATE INDEX eventing_person_jid ON eventing_person (jid);
