// SPDX-License-Identifier: Apache-2.0
/// What people, devices and the operator do with devices: the use cases.
///
/// [dev.latchkey.devices.OneTimeCodes] lets somebody in, [dev.latchkey.devices.Enrolment] makes a
/// device of a code or a request, [dev.latchkey.devices.SignIns] says what a successful proof
/// changes, [dev.latchkey.devices.Revocation] cuts off. Each decides on one
/// [dev.latchkey.credential.AccountSnapshot], commits under its version, and decides again if the
/// account changed in between. The doors that others answer are [dev.latchkey.devices.LiveSessions]
/// and [dev.latchkey.devices.ScramKeys].
///
/// No I/O but the store's, no XML, and no proof is checked here: that is sasl's.
@NullMarked
package dev.latchkey.devices;

import org.jspecify.annotations.NullMarked;
