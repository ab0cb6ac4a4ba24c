// SPDX-License-Identifier: Apache-2.0
/// The client kit: a device enrols itself by a one-time code and signs in with a key of its own.
///
/// The door is [dev.latchkey.client.LatchkeyClient], for one connection or, with a
/// [dev.latchkey.client.Staying], for as long as the device is welcome; what a device keeps lies in
/// a [dev.latchkey.client.DeviceHome]; a code comes as a [dev.latchkey.client.LoginUri]. Who wants
/// to go step by step (or wrong on purpose) takes a [dev.latchkey.client.ClientStream].
///
/// What the kit refuses to do, whatever the server says: go on with a server that did not prove
/// itself, take a certificate for another key or another address, or be somebody else than it asked
/// to be. There is no server and no SQL here.
@NullMarked
package dev.latchkey.client;

import org.jspecify.annotations.NullMarked;
