// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.authority.CertificateRequestCheck;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;

/// Where a server can be wired otherwise: by tests, and by the demo, which takes one protection out
/// to show that it would notice. No configuration reaches this.
///
/// @param clock the time
/// @param waypoints where tests step in
/// @param log what is told of streams
/// @param signInView the store as signing in and redeeming see it
/// @param checks what a request must pass
/// @param sessions what a revocation ends
/// @param backend the chat domain
/// @param connections what comes from clients and goes to them, from their first octet on
/// @param round how often changed certificates are looked for and silent clients asked
public record Seams(
    InstantSource clock,
    Waypoints waypoints,
    StreamLog log,
    UnaryOperator<CredentialStore> signInView,
    UnaryOperator<List<CertificateRequestCheck>> checks,
    UnaryOperator<LiveSessions> sessions,
    UnaryOperator<Backend> backend,
    UnaryOperator<Connection> connections,
    Duration round) {
  /// The server as it is.
  public static Seams none() {
    return new Seams(
        InstantSource.system(),
        Waypoints.NONE,
        new LoggedStreams(InstantSource.system()),
        UnaryOperator.identity(),
        UnaryOperator.identity(),
        UnaryOperator.identity(),
        UnaryOperator.identity(),
        UnaryOperator.identity(),
        Duration.ofSeconds(15));
  }

  /// The same with another clock.
  public Seams with(InstantSource clock) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with waypoints.
  public Seams with(Waypoints waypoints) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with another log.
  public Seams with(StreamLog log) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with another view of the store for those who sign in.
  public Seams withSignInView(UnaryOperator<CredentialStore> signInView) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with other checks.
  public Seams withChecks(UnaryOperator<List<CertificateRequestCheck>> checks) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with other sessions to end.
  public Seams withSessions(UnaryOperator<LiveSessions> sessions) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with another backend.
  public Seams withBackend(UnaryOperator<Backend> backend) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with another view of the connections.
  public Seams withConnections(UnaryOperator<Connection> connections) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }

  /// The same with another time between its rounds.
  public Seams withRound(Duration round) {
    return new Seams(
        clock, waypoints, log, signInView, checks, sessions, backend, connections, round);
  }
}
