// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.sasl.ht.HtVariant;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Accounts with one device each, which sign in by certificate, or by a token that was given to
/// them for it, over [RawClient]. Thread-safe.
final class Members {
  private static final Pattern FULL_JID =
      Pattern.compile("<authorization-identifier>([^<]+)</authorization-identifier>");

  private static final Pattern MANAGED = Pattern.compile("<enabled [^>]*\\bid='([^']+)'");
  private static final Pattern RESUMED = Pattern.compile("<resumed [^>]*\\bprevid='([^']+)'");

  private static final Pattern TOKEN = Pattern.compile("<token [^>]*\\btoken='([^']+)'");
  private static final Pattern PROOF =
      Pattern.compile("<additional-data>([^<]+)</additional-data>");

  /// What a token is asked for.
  private static final HtVariant TOKEN_MECHANISM = HtVariant.HT_SHA_512_EXPR;

  private static final String USER_AGENT =
      "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>bench</software>"
          + "</user-agent>";

  private final EventLoopGroup loops;
  private final List<Member> members;

  private record Member(
      AccountJid account,
      InetSocketAddress server,
      Bytes pin,
      TlsIdentity identity,
      ClientTls tls) {}

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
      Bytes pin = invitation.pin().orElseThrow();
      members.add(
          new Member(
              invitation.account(),
              new InetSocketAddress(server.host(), server.port()),
              pin,
              identity,
              tls(pin, Optional.of(identity))));
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
    return authenticate("EXTERNAL", Bytes.utf8(member.account().toString()), inline);
  }

  private static String authenticate(String mechanism, Bytes initialResponse, String inline) {
    return ("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='%s'>"
            + "<initial-response>%s</initial-response>%s</authenticate>")
        .formatted(mechanism, initialResponse.toBase64(), inline);
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

  /// A device that has a token (XEP-0484) and signs in with it again and again, over a new TLS
  /// session each time: stream header and sign-in in one flight behind the handshake.
  Attempt signingInByToken(int number) throws Exception {
    Member member = members.get(number);
    RawClient first = RawClient.connect(loops, member.server(), member.tls());
    String asked =
        "<request-token xmlns='urn:xmpp:fast:0' mechanism='%s'/>"
            .formatted(TOKEN_MECHANISM.mechanism().text());
    Secret token =
        Secret.ofText(
            found(
                TOKEN,
                first.ask(header(member) + authenticate(member, USER_AGENT + asked), "</success>"),
                member));
    first.close();
    return () -> {
      RawClient client =
          RawClient.connect(loops, member.server(), tls(member.pin(), Optional.empty()));
      HtClient proof =
          HtClient.begin(
              TOKEN_MECHANISM,
              member.account(),
              token,
              new ConnectionFacts(
                  Map.of(ChannelBindingType.TLS_EXPORTER, client.exporter()), Optional.empty()));
      String success =
          client.ask(
              header(member)
                  + authenticate(
                      proof.name().text(),
                      proof.initialResponse().orElseThrow(),
                      USER_AGENT
                          + "<fast xmlns='urn:xmpp:fast:0'/>"
                          + "<bind xmlns='urn:xmpp:bind:0'><tag>bench</tag></bind>"),
              "</success>");
      proof.verify(Optional.of(Bytes.base64(found(PROOF, success, member)).orElseThrow()));
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
