// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.devices.TokenPolicy;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.server.Configuration.Chat;
import dev.latchkey.server.Configuration.Limits;
import dev.latchkey.server.Configuration.OneTime;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.Configuration.Signing;
import dev.latchkey.server.Configuration.TlsFiles;
import dev.latchkey.server.Configuration.TlsProviderChoice;
import dev.latchkey.server.Configuration.Tokens;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.xmpp.session.ManagementPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// Reads the one configuration file. Every key, its default and what is allowed stand here, and
/// nowhere else.
final class ConfigurationReader {
  /// What can be offered, the best first.
  private static final List<MechanismName> MECHANISMS =
      Stream.concat(
              Stream.of(
                      "EXTERNAL",
                      "CLIENT-KEY-PLUS",
                      "SCRAM-SHA-256-PLUS",
                      "SCRAM-SHA-1-PLUS",
                      "CLIENT-KEY",
                      "SCRAM-SHA-256",
                      "SCRAM-SHA-1",
                      "X-TOKEN")
                  .map(MechanismName::new),
              HtVariant.BY_PREFERENCE.stream().map(HtVariant::mechanism))
          .toList();

  /// All but the one that proves nothing of the connection though it could (30.L).
  private static final List<MechanismName> USUAL_MECHANISMS =
      MECHANISMS.stream().filter(name -> !name.text().equals("CLIENT-KEY")).toList();

  /// Whom a domain can name (XEP-0157 §3).
  private static final List<String> CONTACTS =
      List.of("abuse", "admin", "feedback", "sales", "security", "status", "support");

  /// Octets; the largest stanza that can be allowed fits.
  private static final long LEAST_KEPT = 16L << 20;

  private static final long MOST_KEPT = 1L << 40;

  private static final TomlTable EMPTY = Toml.parse("");

  private final Optional<Path> file;
  private final Overrides overrides;
  private final Path folder;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> knownKeys = new LinkedHashSet<>();

  ConfigurationReader(Optional<Path> file, Overrides overrides) {
    this.file = file;
    this.overrides = overrides;
    Path parent = file.map(path -> path.toAbsolutePath().getParent()).orElse(null);
    this.folder = parent == null ? Path.of("").toAbsolutePath() : parent;
  }

  Configuration read() {
    Configuration configuration;
    try (ConfigurationSection top =
        new ConfigurationSection(
            file.map(this::parse).orElse(EMPTY),
            "",
            file.map(Path::toString).orElse("command line"),
            problems,
            knownKeys)) {
      configuration = read(top);
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return configuration;
  }

  /// Every key that was looked for, with the names of its tables before it.
  Set<String> knownKeys() {
    return Set.copyOf(knownKeys);
  }

  private static String unread(Path path, IOException why) {
    if (why instanceof NoSuchFileException) {
      return "there is no such file: name the configuration file with --config";
    }
    if (Files.isDirectory(path)) {
      return "this is a folder: name the configuration file with --config";
    }
    return "the file cannot be read (%s): let the server's user read it, or name another with --config"
        .formatted(why instanceof AccessDeniedException ? "permission denied" : why.getMessage());
  }

  private TomlTable parse(Path path) {
    TomlParseResult result;
    try {
      result = Toml.parse(path);
    } catch (IOException unreadable) {
      throw new ConfigurationException(
          List.of("%s: %s.".formatted(path, unread(path, unreadable))));
    }
    if (result.hasErrors()) {
      throw new ConfigurationException(
          result.errors().stream()
              .map(
                  error ->
                      "%s:%d this is no TOML: %s"
                          .formatted(path, error.position().line(), error.getMessage()))
              .toList());
    }
    return result;
  }

  private Configuration read(ConfigurationSection top) {
    Optional<Path> configuredData = path(top, "data");
    Path data =
        overrides
            .data()
            .map(Path::toAbsolutePath)
            .or(() -> configuredData)
            .orElseGet(() -> folder.resolve("latchkey-data"))
            .normalize();
    Optional<Path> configuredRunDir = path(top, "run-dir");
    Path runDir =
        overrides
            .runDir()
            .map(Path::toAbsolutePath)
            .or(() -> configuredRunDir)
            .orElseGet(() -> RunFolder.usual(data))
            .normalize();
    return new Configuration(
        data,
        runDir,
        listen(top, "listen", overrides.listen(), 5222),
        listen(top, "listen-tls", overrides.listenTls(), 5223),
        top.text("tls-provider", "\"auto\", \"conscrypt\" or \"jsse\"", ConfigurationReader::tls)
            .orElse(TlsProviderChoice.AUTO),
        domains(top),
        oneTime(top),
        signing(top),
        tokens(top),
        chat(top),
        streamManagement(top),
        limits(top));
  }

  private Optional<Path> path(ConfigurationSection section, String key) {
    return section.text(
        key,
        "a path",
        text -> {
          try {
            return text.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(text));
          } catch (InvalidPathException none) {
            return Optional.empty();
          }
        });
  }

  private Optional<ListenAddress> listen(
      ConfigurationSection top, String key, Optional<String> override, int port) {
    String form = "\"HOST:PORT\" (an IPv6 address in brackets, a port up to 65535) or \"off\"";
    Optional<List<ListenAddress>> configured = top.text(key, form, ConfigurationReader::listeners);
    Optional<List<ListenAddress>> said = override.flatMap(ConfigurationReader::listeners);
    if (override.isPresent() && said.isEmpty()) {
      problems.add("--%s: \"%s\" is not allowed: give %s.".formatted(key, override.get(), form));
    }
    return said.or(() -> configured).orElse(List.of(new ListenAddress("127.0.0.1", port))).stream()
        .findFirst();
  }

  /// One, or none for "off".
  private static Optional<List<ListenAddress>> listeners(String text) {
    return text.equals("off") ? Optional.of(List.of()) : ListenAddress.parse(text).map(List::of);
  }

  private static Optional<TlsProviderChoice> tls(String text) {
    return switch (text) {
      case "auto" -> Optional.of(TlsProviderChoice.AUTO);
      case "conscrypt" -> Optional.of(TlsProviderChoice.CONSCRYPT);
      case "jsse" -> Optional.of(TlsProviderChoice.JSSE);
      default -> Optional.empty();
    };
  }

  private List<ServedDomain> domains(ConfigurationSection top) {
    Map<Domain, ServedDomain> configured = new LinkedHashMap<>();
    for (ConfigurationSection section : top.sections("domain")) {
      try (section) {
        domain(section)
            .ifPresent(
                domain -> {
                  if (configured.put(domain.name(), domain) != null) {
                    section.problem("name", "this domain stands here twice: keep one.");
                  }
                });
      }
    }
    if (overrides.domains().isEmpty()) {
      return configured.isEmpty()
          ? List.of(standard(new Domain("localhost")))
          : List.copyOf(configured.values());
    }
    List<ServedDomain> chosen = new ArrayList<>();
    for (String text : overrides.domains()) {
      Optional<Domain> name = domainName(text);
      if (name.isEmpty()) {
        problems.add("--domain: \"%s\" is no domain name.".formatted(text));
      }
      name.map(known -> configured.getOrDefault(known, standard(known))).ifPresent(chosen::add);
    }
    return chosen.stream().distinct().toList();
  }

  private static ServedDomain standard(Domain name) {
    return new ServedDomain(name, Optional.empty(), USUAL_MECHANISMS, Map.of());
  }

  private Optional<ServedDomain> domain(ConfigurationSection section) {
    Optional<Domain> name = section.text("name", "a domain name", ConfigurationReader::domainName);
    if (!section.has("name")) {
      section.problem("name", "it is missing: a [[domain]] needs a name.");
    }
    Optional<Path> chain = path(section, "tls-cert");
    Optional<Path> key = path(section, "tls-key");
    if (chain.isPresent() != key.isPresent()) {
      section.problem(
          chain.isPresent() ? "tls-cert" : "tls-key",
          "tls-cert and tls-key go together: give both, or none.");
    }
    Optional<TlsFiles> tls =
        chain.flatMap(certificates -> key.map(secret -> new TlsFiles(certificates, secret)));
    tls.ifPresent(
        files -> {
          try {
            PemIdentity.read(files);
          } catch (PemIdentityException refused) {
            section.problem(
                refused.file().equals(files.key()) ? "tls-key" : "tls-cert",
                String.valueOf(refused.getMessage()));
          }
        });
    List<MechanismName> mechanisms =
        section.list(
            "mechanisms",
            "a list, each once, of "
                + String.join(", ", MECHANISMS.stream().map(MechanismName::text).toList()),
            text -> MECHANISMS.stream().filter(known -> known.text().equals(text)).findAny(),
            USUAL_MECHANISMS);
    Map<String, List<String>> contacts = contacts(section);
    return name.map(known -> new ServedDomain(known, tls, mechanisms, contacts));
  }

  private static Map<String, List<String>> contacts(ConfigurationSection domain) {
    Map<String, List<String>> contacts = new LinkedHashMap<>();
    try (ConfigurationSection section = domain.section("contact", EMPTY)) {
      for (String what : CONTACTS) {
        List<String> addresses =
            section.list(
                what,
                "a list of addresses, such as [\"mailto:admin@chat.example\"]",
                ConfigurationReader::address,
                List.of());
        if (!addresses.isEmpty()) {
          contacts.put(what, addresses);
        }
      }
    }
    return contacts;
  }

  /// XEP-0157 §3: a URI, such as mailto: or xmpp:.
  private static Optional<String> address(String text) {
    try {
      return new URI(text).isAbsolute() ? Optional.of(text) : Optional.empty();
    } catch (URISyntaxException none) {
      return Optional.empty();
    }
  }

  private Chat chat(ConfigurationSection top) {
    try (ConfigurationSection section = top.section("chat", EMPTY)) {
      Optional<Optional<Duration>> archive =
          section.text(
              "archive",
              "a time from 1d to 36500d, such as \"30d\" or \"365d\", or \"forever\"",
              ConfigurationReader::retention);
      return new Chat(
          archive.orElse(Optional.of(Duration.ofDays(365))),
          new Room(
              section.number("offline-messages", 1, 100_000, 1000),
              section.size("offline-size", LEAST_KEPT, MOST_KEPT, 16L << 20),
              section.size("archive-size", LEAST_KEPT, MOST_KEPT, 1L << 30)));
    }
  }

  private ManagementPolicy streamManagement(ConfigurationSection top) {
    ManagementPolicy usual = ManagementPolicy.DEFAULT;
    try (ConfigurationSection section = top.section("stream-management", EMPTY)) {
      return new ManagementPolicy(
          section.duration("max", Duration.ofSeconds(10), Duration.ofDays(30), usual.longest()),
          section.number("unacknowledged-stanzas", 10, 100_000, usual.stanzas()),
          (int) section.size("unacknowledged-size", 10_000, 1 << 26, usual.characters()),
          section.number("sessions-per-device", 1, 100, usual.perDevice()),
          section.number("sessions", 1, 10_000_000, usual.sessions()),
          section.size("memory", 1 << 20, 1L << 40, usual.memory()));
    }
  }

  private static Optional<Optional<Duration>> retention(String text) {
    if (text.equals("forever")) {
      return Optional.of(Optional.empty());
    }
    Optional<Duration> time =
        DurationText.parse(text).filter(it -> it.toDays() >= 1 && it.toDays() <= 36_500);
    return time.isPresent() ? Optional.of(time) : Optional.empty();
  }

  private static Optional<Domain> domainName(String text) {
    try {
      return Optional.of(new Domain(text));
    } catch (InvalidJidException none) {
      return Optional.empty();
    }
  }

  private OneTime oneTime(ConfigurationSection top) {
    try (ConfigurationSection section = top.section("one-time", EMPTY)) {
      Duration least = Duration.ofMinutes(1);
      Duration most = section.duration("max-ttl", least, Duration.ofDays(365), Duration.ofDays(30));
      return new OneTime(
          section.flag("enabled", true),
          section.duration("invite-ttl", least, most, Duration.ofDays(7)),
          section.duration("issue-ttl", least, most, Duration.ofMinutes(10)),
          most);
    }
  }

  private Signing signing(ConfigurationSection top) {
    try (ConfigurationSection section = top.section("signing", EMPTY)) {
      return new Signing(
          section.flag("enabled", true),
          section.duration(
              "validity", Duration.ofHours(1), Duration.ofDays(1000), Duration.ofDays(90)),
          section.number("max-devices", 1, 1000, 100),
          section.flag("require-channel-binding", false));
    }
  }

  private Tokens tokens(ConfigurationSection top) {
    Duration most = Duration.ofDays(3650);
    TheftResponse theft =
        top.text(
                "theft",
                "\"event\", \"suspend\" or \"revoke\"",
                text ->
                    Arrays.stream(TheftResponse.values())
                        .filter(known -> known.word().equals(text))
                        .findAny())
            .orElse(TheftResponse.EVENT);
    TokenPolicy usual = TokenPolicy.STANDARD;
    TokenPolicy fast;
    try (ConfigurationSection section = top.section("fast", EMPTY)) {
      Duration life = section.duration("life", Duration.ofHours(1), most, usual.life());
      fast =
          new TokenPolicy(
              life,
              renewal(section, life, usual.renewal()),
              section.flag("none", usual.none()),
              section.flag("end-point", usual.endPoint()));
    }
    Duration clientKeyLife;
    try (ConfigurationSection section = top.section("client-key", EMPTY)) {
      clientKeyLife = section.duration("life", Duration.ofHours(1), most, Duration.ofDays(365));
    }
    try (ConfigurationSection section = top.section("x-token", EMPTY)) {
      return new Tokens(
          fast,
          clientKeyLife,
          section.flag("enabled", false),
          section.duration("life", Duration.ofHours(1), most, Duration.ofDays(90)),
          theft);
    }
  }

  private static Duration renewal(ConfigurationSection section, Duration life, Duration usual) {
    Duration least = TokenPolicy.leastRenewal(life);
    // One that is not renewed before its end would lock out who has nothing else.
    Duration most = life.dividedBy(2);
    return section.duration(
        "renewal",
        least,
        most,
        Collections.min(List.of(Collections.max(List.of(usual, least)), most)));
  }

  private Limits limits(ConfigurationSection top) {
    StreamLimits stranger = StreamLimits.UNAUTHENTICATED;
    StreamLimits known = StreamLimits.AUTHENTICATED;
    try (ConfigurationSection section = top.section("limits", EMPTY)) {
      // RFC 6120 §13.12: at least 10,000 octets must be taken.
      return new Limits(
          new StreamLimits(
              (int)
                  section.size("element-before-sign-in", 10_000, 1 << 20, stranger.elementBytes()),
              stranger.depth(),
              stranger.attributes()),
          new StreamLimits(
              (int) section.size("element", 10_000, 16 << 20, known.elementBytes()),
              known.depth(),
              known.attributes()),
          section.number("connections-per-address", 1, 1_000_000, 500),
          section.number("unauthenticated-streams", 1, 1_000_000, 2000),
          section.duration(
              "time-to-authenticate",
              Duration.ofSeconds(1),
              Duration.ofMinutes(10),
              Duration.ofSeconds(60)),
          section.number("failed-attempts", 1, 100, 5));
    }
  }
}
