// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.devices.Enrolment;
import dev.latchkey.devices.FastTokens;
import dev.latchkey.devices.SignIns;
import dev.latchkey.devices.Theft;
import dev.latchkey.devices.TokenEnrolment;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.session.OwnRequests;
import dev.latchkey.xmpp.session.SessionRegistry;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/// What every negotiation needs, wired once. Thread-safe.
///
/// @param domains what each domain lists and offers
/// @param tls starts TLS on a connection that has none
/// @param registry where sessions are entered
/// @param backend what they are attached to
/// @param beforeBinding answers what a session may ask for that has no resource yet
/// @param signIns what a proof does to the model
/// @param enrolment what a code does to it
/// @param tokenEnrolment what a code does to it where no certificate is made
/// @param tokens gives FAST tokens
/// @param theft is told of what attempts have shown
/// @param store read for the rules of resources
public record SignInServices(
    Map<Domain, SignInFeatures> domains,
    StartTls tls,
    SessionRegistry registry,
    Backend backend,
    OwnRequests beforeBinding,
    SignIns signIns,
    Enrolment enrolment,
    TokenEnrolment tokenEnrolment,
    FastTokens tokens,
    Theft theft,
    CredentialStore store,
    SignInPolicy policy,
    StreamLog log,
    InstantSource clock,
    RandomGenerator random,
    Waypoints waypoints) {
  /// Copies.
  public SignInServices {
    domains = Map.copyOf(domains);
  }

  /// What a served domain lists and offers.
  SignInFeatures features(Domain domain) {
    return Objects.requireNonNull(domains.get(domain), "a stream is only to a served domain");
  }
}
