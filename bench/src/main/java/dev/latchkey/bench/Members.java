// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Accounts with one device each, which sign in by certificate over [RawClient]. Thread-safe.
final class Members {
  private static final Pattern FULL_JID =
      Pattern.compile("<authorization-identifier>([^<]+)</authorization-identifier>");

  private static final Pattern MANAGED = Pattern.compile("<enabled [^>]*\\bid='([^']+)'");
  private static final Pattern RESUMED = Pattern.compile("<resumed [^>]*\\bprevid='([^']+)'");

  private final EventLoopGroup loops;
  private final List<Member> members;

  private record Member(
      String account, InetSocketAddress server, TlsIdentity identity, ClientTls tls) {}

  /// A client that is signed in and available.
  ///
  /// @param jid its full JID
  record SignedIn(RawClient client, String jid) {}

  private Members(EventLoopGroup loops, List<Member> members) {
    this.loops = loops;
    this.members = List.copyOf(members);
  }

  /// Invites and enrols accounts.
  ///
  /// @param loops of the clients
  /// @param adminSocket the server's
  /// @param homes an empty folder for the devices' keys
  static Members enrol(
      int count, EventLoopGroup loops, Path adminSocket, Path homes, ClientEnvironment environment)
      throws AdminException {
    AdminClient admin = new AdminClient(adminSocket);
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LoginUri invitation = invite(admin, "member-" + i);
      DeviceHome home = DeviceHome.at(homes.resolve("member-" + i));
      var _ = new Enrolment(invitation, home).name("bench").in(environment).run();
      ServerAddress server = invitation.server().orElseThrow();
      TlsIdentity identity = new TlsIdentity(home.privateKey(), home.certificates());
      members.add(
          new Member(
              invitation.account().toString(),
              new InetSocketAddress(server.host(), server.port()),
              identity,
              tls(invitation.pin().orElseThrow(), Optional.of(identity))));
    }
    return new Members(loops, members);
  }

  int count() {
    return members.size();
  }

  /// How a client of these benchmarks does TLS.
  ///
  /// @param pin of the server's root
  /// @param identity what it shows
  static ClientTls tls(Bytes pin, Optional<TlsIdentity> identity) {
    return ClientTls.of(
        identity.map(shown -> TlsProvider.bestFor(shown.key())).orElseGet(TlsProvider::best),
        new Domain(MeasuredServer.DOMAIN),
        identity,
        new ServerTrust.Pinned(pin));
  }

  private static LoginUri invite(AdminClient admin, String name) throws AdminException {
    List<JsonNode> lines = new ArrayList<>();
    admin.call(
        new JsonLine()
            .with("command", "invite")
            .with("account", name + "@" + MeasuredServer.DOMAIN),
        lines::add);
    return LoginUri.parse(lines.getFirst().path("uri").asText());
  }

  /// What a device shows.
  Optional<TlsIdentity> identity(int number) {
    return Optional.of(members.get(number).identity());
  }

  /// Signs a device in (SASL2, EXTERNAL, Bind 2) and says that it is available.
  ///
  /// @param number which, counted from zero
  SignedIn signIn(int number) throws Exception {
    Member member = members.get(number);
    RawClient client = RawClient.connect(loops, member.server(), member.tls());
    var _ = client.ask(header(member), "</stream:features>");
    String success =
        client.ask(
            authenticate(member, "<bind xmlns='urn:xmpp:bind:0'><tag>bench</tag></bind>"),
            "</success>");
    SignedIn signedIn = new SignedIn(client, found(FULL_JID, success, member));
    var _ = client.ask("<presence/>", "<presence");
    ping(signedIn);
    return signedIn;
  }

  private static String header(Member member) {
    return "<?xml version='1.0'?><stream:stream xmlns='jabber:client'"
        + " xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='%s' from='%s'>"
            .formatted(MeasuredServer.DOMAIN, member.account());
  }

  private static String authenticate(Member member, String inline) {
    return "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='EXTERNAL'>"
        + "<initial-response>%s</initial-response>%s</authenticate>"
            .formatted(
                Bytes.of(member.account().getBytes(StandardCharsets.UTF_8)).toBase64(), inline);
  }

  private static String found(Pattern pattern, String text, Member member) throws IOException {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IOException("the server did not sign " + member.account() + " in: " + text);
    }
    return found.group(1);
  }

  /// A device that has a session and comes back to it again and again: stream header and sign-in
  /// with `<resume/>` in one flight over a TLS session that is resumed, too.
  Attempt returning(int number) throws Exception {
    Member member = members.get(number);
    RawClient first = RawClient.connect(loops, member.server(), member.tls());
    String success =
        first.ask(
            header(member)
                + authenticate(
                    member,
                    "<bind xmlns='urn:xmpp:bind:0'><tag>bench</tag>"
                        + "<enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>"),
            "</success>");
    String flight =
        header(member)
            + authenticate(
                member,
                "<resume xmlns='urn:xmpp:sm:3' h='0' previd='%s'/>"
                    .formatted(found(MANAGED, success, member)));
    first.close();
    return () -> {
      RawClient client = RawClient.connect(loops, member.server(), member.tls());
      var _ = found(RESUMED, client.ask(flight, "</success>"), member);
      return client::close;
    };
  }

  /// Waits until the server has handled all that was sent.
  private static void ping(SignedIn signedIn) throws Exception {
    var _ =
        signedIn
            .client()
            .ask("<iq type='get' id='ready'><ping xmlns='urn:xmpp:ping'/></iq>", "id='ready'");
  }

  /// Says what this account's archive keeps from now on (XEP-0313).
  ///
  /// @param kept whether all or nothing
  static void archive(SignedIn signedIn, boolean kept) throws Exception {
    String answer =
        signedIn
            .client()
            .ask(
                "<iq type='set' id='prefs'><prefs xmlns='urn:xmpp:mam:2' default='%s'><always/>"
                        .formatted(kept ? "always" : "never")
                    + "<never/></prefs></iq>",
                "</iq>");
    if (!answer.contains("result")) {
      throw new IOException("the archive's preferences were refused: " + answer);
    }
  }
}
