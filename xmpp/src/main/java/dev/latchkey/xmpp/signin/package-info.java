// SPDX-License-Identifier: Apache-2.0
/// Signing in: from the first octet of a connection to a bound session.
///
/// [dev.latchkey.xmpp.signin.SignIn] is the program of one connection and reads top to bottom as
/// the specifications do (RFC 6120 §9.1, XEP-0388): stream, TLS, features, proof, registration,
/// enrolment, success, resource. It runs on a virtual thread, which ends when the session stands.
@NullMarked
package dev.latchkey.xmpp.signin;

import org.jspecify.annotations.NullMarked;
