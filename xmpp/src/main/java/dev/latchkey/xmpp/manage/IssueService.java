// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_ONE_TIME;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.IssueRequest;
import dev.latchkey.devices.IssueResult;
import dev.latchkey.devices.IssuedCode;
import dev.latchkey.devices.OneTimeCodes;
import dev.latchkey.devices.Purpose;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.Times;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Gives a device a one-time code for another one (30.C).
public final class IssueService implements IqService {
  private static final int SHA_256_HEX = 64;

  private final OneTimeCodes codes;
  private final InvitationUri uri;
  private final Duration life;

  /// @param codes the use case
  /// @param uri makes the URI of a code
  /// @param life how long a code is good that says nothing of it
  public IssueService(OneTimeCodes codes, InvitationUri uri, Duration life) {
    this.codes = codes;
    this.uri = uri;
    this.life = life;
  }

  @Override
  public boolean answers(Iq request) {
    return request.isSet() && request.payload().is("issue", LATCHKEY_ONE_TIME);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    Optional<IssueRequest> wish = read(request.payload());
    if (wish.isEmpty()) {
      return request.error(StanzaError.BAD_REQUEST);
    }
    return switch (codes.issue(Refusals.acting(who), wish.get())) {
      case IssueResult.Issued(IssuedCode code) -> request.result(Optional.of(issued(who, code)));
      case IssueResult.Refused refused ->
          request.error(Refusals.of(refused.refusal(), refused.missing()));
    };
  }

  private Element issued(SessionIdentity who, IssuedCode code) {
    return Element.named("issued", LATCHKEY_ONE_TIME)
        .attribute("id", code.id().value())
        .attribute("expires", Times.text(code.expires()))
        .attribute("token", code.token().canonical().revealText())
        .attribute("uri", uri.of(who.jid(), code).revealText())
        .build();
  }

  private Optional<IssueRequest> read(Element issue) {
    try {
      Purpose purpose =
          issue
              .attribute("for")
              .map(IssueService::purpose)
              .orElse(Purpose.BOT); // rule 31: whoever does not say so gets no flags
      return Optional.of(
          new IssueRequest(
              purpose,
              issue.attribute("name"),
              issue.attribute("resource").map(Resource::new),
              issue
                  .child("cert", LATCHKEY_ONE_TIME)
                  .flatMap(cert -> cert.attribute("sha-256"))
                  .map(IssueService::fingerprint),
              issue.attribute("ttl").map(IssueService::seconds).orElse(life),
              issue.child("allow", LATCHKEY_ONE_TIME).map(IssueService::permissions)));
    } catch (InvalidJidException | IllegalWord malformed) {
      return Optional.empty();
    }
  }

  private static Purpose purpose(String word) {
    return Arrays.stream(Purpose.values())
        .filter(purpose -> purpose.word().equals(word))
        .findAny()
        .orElseThrow(IllegalWord::new);
  }

  private static Bytes fingerprint(String hex) {
    if (hex.length() != SHA_256_HEX || !hex.matches("[0-9a-fA-F]*")) {
      throw new IllegalWord();
    }
    return Bytes.hex(hex);
  }

  private static Duration seconds(String text) {
    return Times.seconds(text).orElseThrow(IllegalWord::new);
  }

  private static Permissions permissions(Element allow) {
    Set<Permission> flags = EnumSet.noneOf(Permission.class);
    for (Permission flag : Permission.values()) {
      String value = allow.attribute(flag.word()).orElse("false");
      if (value.equals("true") || value.equals("1")) {
        flags.add(flag);
      } else if (!value.equals("false") && !value.equals("0")) {
        throw new IllegalWord();
      }
    }
    return Permissions.of(flags);
  }

  /// An attribute has a value that it cannot have.
  private static final class IllegalWord extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
