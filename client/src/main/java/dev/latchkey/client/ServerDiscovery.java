// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Domain;
import java.io.IOException;
import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Finds where a domain's server listens (RFC 6120 §3.2, XEP-0368).
final class ServerDiscovery {
  private final SrvLookup dns;
  private final RandomGenerator random;

  ServerDiscovery(SrvLookup dns, RandomGenerator random) {
    this.dns = dns;
    this.random = random;
  }

  /// A record and what its service is.
  private record Offer(SrvRecord record, boolean directTls) {}

  /// Where to try, in this order.
  ///
  /// @throws ClientException if the domain says that it has no such service
  List<ServerAddress> candidates(Domain domain) {
    String name = IDN.toASCII(domain.name());
    if (isAddress(domain.name()) || name.equals("localhost") || name.endsWith(".localhost")) {
      return List.of(fallback(domain.name().startsWith("[") ? domain.name() : name));
    }
    List<Offer> offers = new ArrayList<>();
    offers.addAll(offers("_xmpps-client._tcp." + name, true));
    offers.addAll(offers("_xmpp-client._tcp." + name, false));
    if (offers.isEmpty()) {
      return List.of(fallback(name));
    }
    // XEP-0368 §3: a target of "." is a decided no, and where there are records nothing else
    // counts.
    offers.removeIf(offer -> offer.record().isAbsence() || offer.record().port() == 0);
    if (offers.isEmpty()) {
      throw new ClientException(domain + " says in DNS that it has no XMPP service for clients");
    }
    Map<Integer, List<Offer>> byPriority = new TreeMap<>();
    for (Offer offer : offers) {
      byPriority.computeIfAbsent(offer.record().priority(), p -> new ArrayList<>()).add(offer);
    }
    List<ServerAddress> candidates = new ArrayList<>();
    for (List<Offer> equals : byPriority.values()) {
      while (!equals.isEmpty()) {
        Offer next = draw(equals);
        candidates.add(
            new ServerAddress(next.record().target(), next.record().port(), next.directTls()));
      }
    }
    return candidates;
  }

  private List<Offer> offers(String name, boolean directTls) {
    try {
      return dns.lookup(name).stream().map(record -> new Offer(record, directTls)).toList();
    } catch (IOException noAnswer) {
      // Where DNS does not answer for SRV it may still know the address; the certificate is checked
      // against the domain either way.
      return List.of();
    }
  }

  /// RFC 2782: drawn in proportion to the weight; those of weight zero hardly ever first.
  private Offer draw(List<Offer> equals) {
    equals.sort((a, b) -> Integer.compare(a.record().weight(), b.record().weight()));
    int sum = equals.stream().mapToInt(offer -> offer.record().weight()).sum();
    int drawn = random.nextInt(sum + 1);
    int running = 0;
    for (int i = 0; i < equals.size(); i++) {
      running += equals.get(i).record().weight();
      if (running >= drawn) {
        return equals.remove(i);
      }
    }
    return equals.removeLast();
  }

  private static boolean isAddress(String name) {
    return name.startsWith("[") || name.matches("[0-9.]+");
  }

  private static ServerAddress fallback(String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new ServerAddress(bare, ServerAddress.STARTTLS_PORT, false);
  }
}
