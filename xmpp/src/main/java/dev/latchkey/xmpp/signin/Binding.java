// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.ManagementElements;
import dev.latchkey.xmpp.session.ResourceRules;
import dev.latchkey.xmpp.session.Resumption;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.util.List;
import java.util.Optional;

/// Gives a session its resource: by a request of its own (RFC 6120 §7) or inside the sign-in
/// (XEP-0386).
final class Binding {
  private static final int TAG_PART = 8;

  private final SignInServices services;
  private final ServerStream stream;
  private final Session session;

  Binding(SignInServices services, ServerStream stream, Session session) {
    this.services = services;
    this.stream = stream;
    this.session = session;
  }

  /// Waits for the request, answers it, and lets the session live. Instead of it, and once, the
  /// client may ask to resume an older session (XEP-0198 §5, rule 43). Before it, it may ask for
  /// what needs no resource.
  void run() throws StreamEnd, InterruptedException {
    boolean mayResume = true;
    while (true) {
      Element element = stream.next();
      if (element.is("enable", STREAM_MANAGEMENT) || element.is("resume", STREAM_MANAGEMENT)) {
        boolean resumes = element.name().equals("resume") && mayResume;
        mayResume &= !resumes;
        Resumption resumption =
            resumes
                ? resume(element, (_, resumed) -> resumed, () -> {})
                : new Resumption.Failed(ManagementElements.unexpected());
        switch (resumption) {
          case Resumption.Resumed _ -> {
            return;
          }
          case Resumption.Failed(Element failed) -> session.send(failed);
          case Resumption.Impossible(Element error) ->
              throw StreamEnd.with(error, "more acknowledged than was sent");
        }
        continue;
      }
      Optional<Element> own = services.beforeBinding().answer(session.identity(), element);
      if (own.isPresent()) {
        session.send(own.get());
        continue;
      }
      Iq request =
          Iq.read(element)
              .filter(iq -> iq.isSet() && iq.payload().is("bind", Namespaces.BIND))
              .orElseThrow(() -> Exchange.unexpected(element));
      Optional<Element> answer = answer(request);
      if (answer.isEmpty()) {
        throw StreamEnd.closing("the session ended before it was bound");
      }
      session.send(answer.get());
      if (session.isBound()) {
        session.start(services.backend(), List.of());
        return;
      }
    }
  }

  private Optional<Element> answer(Iq request) {
    Optional<Resource> wished;
    try {
      wished =
          request
              .payload()
              .child("resource", Namespaces.BIND)
              .map(Element::text)
              .filter(text -> !text.isEmpty())
              .map(Resource::new);
    } catch (InvalidJidException notAResource) {
      return Optional.of(request.error(StanzaError.BAD_REQUEST));
    }
    return bind(wished, rules())
        .map(
            _ ->
                request.result(
                    Optional.of(
                        Element.named("bind", Namespaces.BIND)
                            .child(Element.text("jid", Namespaces.BIND, session.jid().toString()))
                            .build())));
  }

  /// Takes up an older session of the device.
  ///
  /// @param wish `<resume/>`
  /// @param first done before the client is told
  Resumption resume(Element wish, Resumption.Answer answer, Runnable first) {
    return Resumption.Wish.read(wish)
        .map(known -> services.registry().resume(session, known, answer, first))
        .orElseGet(() -> new Resumption.Failed(ManagementElements.malformed()));
  }

  /// XEP-0386 §4: the client's tag, a slash, and a part of ours. What the same program has left
  /// behind ends before it hears from when on it is to read the archive.
  ///
  /// @param rules which resources there are for it
  /// @return whether the session was still alive to be bound
  boolean bindInline(Element wish, Optional<ResourceRules> rules) {
    String part = dev.latchkey.credential.Bytes.random(TAG_PART, services.random()).toHex();
    String tag = wish.child("tag", Namespaces.BIND2).map(Element::text).orElse("");
    Resource resource;
    try {
      resource = new Resource(tag.isEmpty() ? part : tag + "/" + part);
    } catch (InvalidJidException tagIsNoResource) {
      resource = new Resource(part);
    }
    boolean bound = bind(Optional.of(resource), rules).isPresent();
    if (bound) {
      services.registry().endLeftBehind(session);
    }
    return bound;
  }

  /// As they are now: since the sign-in much time may have passed.
  private Optional<ResourceRules> rules() {
    return services
        .store()
        .find(session.identity().account())
        .map(account -> ResourceRules.of(account, session.identity().device()));
  }

  private Optional<Resource> bind(Optional<Resource> wished, Optional<ResourceRules> rules) {
    return rules.flatMap(these -> services.registry().bind(session, wished, these));
  }
}
