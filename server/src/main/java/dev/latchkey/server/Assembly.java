// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.authority.CertificateAuthority;
import dev.latchkey.authority.KeyKind;
import dev.latchkey.authority.issue.SoftwareAuthority;
import dev.latchkey.authority.policy.CertificateRequestChecks;
import dev.latchkey.authority.request.CertificateReader;
import dev.latchkey.authority.request.RequestReader;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.devices.AccountStates;
import dev.latchkey.devices.Accounts;
import dev.latchkey.devices.AuthTokens;
import dev.latchkey.devices.ClientKeyValidator;
import dev.latchkey.devices.ClientKeys;
import dev.latchkey.devices.DeviceLists;
import dev.latchkey.devices.DevicePasswords;
import dev.latchkey.devices.Enrolment;
import dev.latchkey.devices.EnrolmentPolicy;
import dev.latchkey.devices.FastTokens;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.devices.OneTimeCodes;
import dev.latchkey.devices.Revocation;
import dev.latchkey.devices.ScramKeys;
import dev.latchkey.devices.SignIns;
import dev.latchkey.devices.Signing;
import dev.latchkey.devices.Surroundings;
import dev.latchkey.devices.Theft;
import dev.latchkey.devices.TokenEnrolment;
import dev.latchkey.sasl.RememberingMechanism;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.clientkey.ClientKeyDirectory;
import dev.latchkey.sasl.clientkey.ClientKeyMaterial;
import dev.latchkey.sasl.clientkey.ClientKeyMechanism;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.LiveClientKeyDirectory;
import dev.latchkey.sasl.external.ExternalMechanism;
import dev.latchkey.sasl.ht.HtMechanism;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.ht.LiveHtDirectory;
import dev.latchkey.sasl.scram.LiveScramDirectory;
import dev.latchkey.sasl.scram.ScramMechanism;
import dev.latchkey.sasl.scram.ScramSalts;
import dev.latchkey.sasl.scram.ScramSecrets;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.sasl.xtoken.LiveTokenDirectory;
import dev.latchkey.sasl.xtoken.XTokenMechanism;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.Configuration.TlsProviderChoice;
import dev.latchkey.server.admin.AdminCommand;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.server.admin.OperatorCommands;
import dev.latchkey.server.admin.OperatorServices;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.store.MasterKeyRotation;
import dev.latchkey.store.RestoreReport;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.MasterKeyFile;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.ServerTls;
import dev.latchkey.wire.tls.TlsProvider;
import dev.latchkey.xmpp.backend.ChatStores;
import dev.latchkey.xmpp.backend.DomainServices;
import dev.latchkey.xmpp.backend.EmbeddedBackend;
import dev.latchkey.xmpp.manage.ClientKeyService;
import dev.latchkey.xmpp.manage.IssueService;
import dev.latchkey.xmpp.manage.ListService;
import dev.latchkey.xmpp.manage.RevokeService;
import dev.latchkey.xmpp.manage.SignService;
import dev.latchkey.xmpp.manage.TokenIssueService;
import dev.latchkey.xmpp.manage.TokenListService;
import dev.latchkey.xmpp.manage.TokenNotices;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.LegacySession;
import dev.latchkey.xmpp.session.OwnRequests;
import dev.latchkey.xmpp.session.OwnServices;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.session.SessionRegistry;
import dev.latchkey.xmpp.signin.DomainOffer;
import dev.latchkey.xmpp.signin.SignInFeatures;
import dev.latchkey.xmpp.signin.SignInPolicy;
import dev.latchkey.xmpp.signin.SignInServices;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The wiring of a server, by hand: every part once, in the order in which they stand on one
/// another.
final class Assembly {
  private static final String SALT_KEY = "scram-salt";
  private static final int SALT_KEY_OCTETS = 32;

  private final Configuration configuration;
  private final SecureRandom random = new SecureRandom();
  private final Instant started;
  private final TlsProvider provider;
  private final DomainIdentities identities;
  private final JdbcCredentialStore store;
  private final Optional<RestoreReport> restored;
  private final SessionRegistry registry;
  private final EmbeddedBackend chat;
  private final Retention retention;
  private final CredentialCleaning credentialCleaning;
  private final InvitationUris uris;
  private final SignInServices signIn;
  private final OperatorServices operator;
  private final Map<Domain, InvitationUris.Hint> hints = new HashMap<>();
  private volatile Supplier<JsonLine> status = JsonLine::new;

  /// @param opened is given what must be closed again, in the order in which it was opened
  Assembly(
      Configuration configuration,
      Seams seams,
      boolean afterRestore,
      Consumer<AutoCloseable> opened)
      throws IOException {
    this.configuration = configuration;
    started = seams.clock().instant();
    Set<Domain> served =
        configuration.domains().stream()
            .map(ServedDomain::name)
            .collect(Collectors.toUnmodifiableSet());

    // State: the folder, what seals it, the store.
    DataFolder folder = DataFolder.open(configuration.data());
    opened.accept(folder);
    AesGcmSealer sealer =
        new AesGcmSealer(MasterKeyFile.open(folder.masterKeyFile(), random), random);
    if (afterRestore) {
      JdbcCredentialStore.Restored put =
          JdbcCredentialStore.openAfterRestore(folder, sealer, seams.clock());
      store = put.store();
      restored = Optional.of(put.report());
    } else {
      store = JdbcCredentialStore.open(folder, sealer);
      restored = Optional.empty();
    }
    opened.accept(store);
    credentialCleaning = new CredentialCleaning(store, seams.clock());
    CredentialStore seen = seams.signInView().apply(store);

    // Keys: of the domains in TLS, of the authorities, of the salts.
    DomainKeys keys = new DomainKeys(folder.path(), sealer, random, seams.clock());
    MasterKeyRotation rotation =
        new MasterKeyRotation(
            folder.masterKeyFile(), sealer, random, store, List.of(keys), seams.waypoints());
    identities = new DomainIdentities(keys, configuration.domains());
    provider = provider(configuration.tlsProvider());
    Map<Domain, CertificateAuthority> authorities = new HashMap<>();
    for (Domain domain : served) {
      authorities.put(
          domain,
          new SoftwareAuthority(
              keys.authority(domain),
              random,
              configuration.signing().validity(),
              Optional.empty()));
    }
    ScramSalts salts = new ScramSalts(store.serverSecret(SALT_KEY, SALT_KEY_OCTETS, random));

    // Sessions, and what is done to devices.
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    opened.accept(workers::shutdown);
    registry =
        new SessionRegistry(
            seams.log(), seams.clock(), random, workers, configuration.streamManagement());
    LiveSessions sessions = seams.sessions().apply(registry);
    Surroundings surroundings = new Surroundings(store, seams.clock(), random, seams.waypoints());
    Surroundings surroundingsSeen =
        new Surroundings(seen, seams.clock(), random, seams.waypoints());
    EnrolmentPolicy policy = policy(configuration, provider);
    Signing signing =
        new Signing(
            RequestReader::read,
            CertificateReader::read,
            seams
                .checks()
                .apply(CertificateRequestChecks.standard(configuration.signing().maxDevices())),
            domain -> java.util.Objects.requireNonNull(authorities.get(domain)),
            served::contains);
    ScramKeys scramKeys = scramKeys(new ScramSecrets(salts));
    OneTimeCodes codes = new OneTimeCodes(surroundings, scramKeys, sessions, policy);
    Enrolment enrolment = new Enrolment(surroundingsSeen, signing, sessions, policy);
    enrolment.closeAbandonedSessions(); // a crash left them; nobody has signed in yet
    Revocation revocation = new Revocation(surroundings, sessions);
    FastTokens tokens = new FastTokens(surroundingsSeen, configuration.tokens().fast());
    ClientKeyValidator validator = (masked, key) -> ClientKeyMaterial.validator(masked, key);
    ClientKeys clientKeys =
        new ClientKeys(surroundings, revocation, validator, configuration.tokens().clientKeyLife());
    AuthTokens authTokens =
        new AuthTokens(surroundings, sessions, revocation, configuration.tokens().xTokenLife());
    Theft theft = new Theft(surroundings, sessions, revocation, configuration.tokens().theft());
    DeviceLists lists = new DeviceLists(store, sessions);
    uris = new InvitationUris(identities::pin, domain -> Optional.ofNullable(hints.get(domain)));

    // The chat domain, Latchkey's own services before it, and the way in.
    MessageStore messages = store.messages(random);
    ChatStores chatStores =
        new ChatStores(
            store.directory(),
            store.rosters(),
            store.blocks(),
            messages,
            store.nodes(),
            store.privates());
    chat =
        new EmbeddedBackend(
            served,
            chatStores,
            new DomainServices(version(), features(), contacts(configuration), seams.clock()),
            configuration.chat().room(),
            seams.clock(),
            random,
            workers);
    chat.removeLeftovers(); // a crash left them
    retention = new Retention(messages, configuration.chat().archive(), seams.clock());
    Set<Domain> signingAt = domains(this::signs);
    Set<Domain> takingSecrets = domains(Assembly::takesSecrets);
    Set<Domain> takingKeys = domains(Assembly::takesClientKeys);
    Set<Domain> takingTokens = domains(this::takesAuthTokens);
    TokenNotices notices = new TokenNotices(registry);
    IqService tokenIssuing =
        new TokenIssueService(authTokens, notices).only(takingTokens::contains);
    List<IqService> own =
        List.of(
            new SignService(enrolment).only(signingAt::contains),
            new IssueService(codes, uris::of, policy.issueLife()).only(takingSecrets::contains),
            new ListService(lists),
            new RevokeService(revocation),
            new ClientKeyService(clientKeys).only(takingKeys::contains),
            tokenIssuing,
            new TokenListService(authTokens, notices).only(takingTokens::contains),
            new LegacySession());
    Backend backend = seams.backend().apply(new OwnServices(own, chat));
    Map<String, SaslMechanism> mechanisms = new LinkedHashMap<>();
    Decoys decoys = Decoys.sealedBy(sealer);
    Function<AccountJid, Optional<AccountSnapshot>> accounts =
        configuration.oneTime().enabled()
            ? seen::find
            : account -> seen.find(account).map(Assembly::withoutCodes);
    for (SaslMechanism mechanism :
        ScramMechanism.all(
            new LiveScramDirectory(salts, accounts, seams.clock(), decoys), random)) {
      mechanisms.put(mechanism.name().text(), mechanism);
    }
    List<SaslMechanism> remembered =
        tokenMechanisms(seen::remembered, theft, seams.clock(), decoys);
    List<SaslMechanism> read = tokenMechanisms(seen::find, theft, seams.clock(), decoys);
    for (int i = 0; i < read.size(); i++) {
      SaslMechanism mechanism = new RememberingMechanism(remembered.get(i), read.get(i));
      mechanisms.put(mechanism.name().text(), mechanism);
    }
    SaslMechanism external = new ExternalMechanism(seen::holdersOf, served, seams.clock());
    mechanisms.put(external.name().text(), external);
    Map<Domain, SignInFeatures> features = new HashMap<>();
    SignInPolicy signInPolicy = signInPolicy(configuration);
    Map<Domain, ServerTls> tls = new HashMap<>();
    for (ServedDomain domain : configuration.domains()) {
      features.put(
          domain.name(),
          new SignInFeatures(domain.name(), offer(domain, mechanisms), backend, signInPolicy));
      // One context a domain: a client that names none by SNI is shown the one its stream is to.
      tls.put(
          domain.name(),
          ServerTls.of(
              provider, name -> identities.of(name.or(() -> Optional.of(domain.name().name())))));
    }
    signIn =
        new SignInServices(
            features,
            domain -> java.util.Objects.requireNonNull(tls.get(domain)).engine(false),
            registry,
            backend,
            new OwnRequests(List.of(tokenIssuing)),
            new SignIns(surroundingsSeen, tokens),
            enrolment,
            new TokenEnrolment(
                surroundingsSeen,
                sessions,
                policy,
                tokens,
                validator,
                configuration.tokens().clientKeyLife()),
            tokens,
            theft,
            store,
            signInPolicy,
            seams.log(),
            seams.clock(),
            random,
            seams.waypoints());
    DevicePasswords passwords = new DevicePasswords(surroundings, scramKeys);
    operator =
        new OperatorServices(
            served,
            store,
            new Accounts(store),
            domain -> Optional.of(codes).filter(_ -> takingSecrets.contains(domain)),
            policy.inviteLife(),
            uris::of,
            domain -> Optional.of(clientKeys).filter(_ -> takingKeys.contains(domain)),
            uris::place,
            domain -> Optional.of(passwords).filter(_ -> takingSecrets.contains(domain)),
            lists,
            revocation,
            new AccountStates(surroundings, sessions),
            chat::forget,
            registry::kick,
            store::backup,
            rotation::run,
            () -> status.get());
  }

  /// The mechanisms of one message whose proof is checked against an account.
  private static List<SaslMechanism> tokenMechanisms(
      Function<AccountJid, Optional<AccountSnapshot>> accounts,
      Theft theft,
      InstantSource clock,
      Decoys decoys) {
    List<SaslMechanism> mechanisms =
        new ArrayList<>(HtMechanism.all(new LiveHtDirectory(accounts, clock, decoys)));
    ClientKeyDirectory keys = new LiveClientKeyDirectory(accounts, theft::isPaused, clock, decoys);
    for (ClientKeyVariant variant : ClientKeyVariant.BY_PREFERENCE) {
      mechanisms.add(ClientKeyMechanism.of(variant, keys));
    }
    mechanisms.add(XTokenMechanism.of(new LiveTokenDirectory(accounts, clock)));
    return mechanisms;
  }

  /// Lets sessions go on that slept while the server was stopped. Before anybody connects.
  void revive() {
    registry.revive(store.hibernation(), signIn.backend(), this::mayLive);
  }

  /// Whether a session that slept while the server was stopped may live on: neither its device was
  /// revoked meanwhile nor, alone, what it had signed in with (rule 39), which may be kept no
  /// longer then. What something newer took the place of ends no session.
  private boolean mayLive(SessionIdentity identity) {
    return store
        .find(identity.account())
        .filter(account -> account.acting(identity.device(), identity.generation()).isPresent())
        .filter(
            account ->
                identity.credential().stream()
                    .allMatch(
                        id ->
                            account
                                .credential(id)
                                .filter(known -> known.status() != CredentialStatus.REVOKED)
                                .isPresent()))
        .isPresent();
  }

  /// Ends all sessions of this process; those that can be resumed go on in the next.
  void hibernate() {
    registry.hibernateAll(store.hibernation());
  }

  private static TlsProvider provider(TlsProviderChoice choice) throws IOException {
    return switch (choice) {
      case AUTO -> TlsProvider.best();
      case JSSE -> TlsProvider.JSSE;
      case CONSCRYPT -> {
        if (!TlsProvider.CONSCRYPT.usable()) {
          throw new IOException(
              "tls-provider = \"conscrypt\": its native library does not run on this machine;"
                  + " use \"auto\" or \"jsse\"");
        }
        yield TlsProvider.CONSCRYPT;
      }
    };
  }

  private static EnrolmentPolicy policy(Configuration configuration, TlsProvider provider) {
    Set<KeyKind> keys = EnumSet.allOf(KeyKind.class);
    if (!provider.clientKeys().contains("EdDSA")) {
      keys.remove(KeyKind.ED25519); // signed, it could never be shown
    }
    return new EnrolmentPolicy(
        configuration.oneTime().enabled(),
        configuration.signing().enabled(),
        configuration.oneTime().inviteTtl(),
        configuration.oneTime().issueTtl(),
        configuration.oneTime().maxTtl(),
        keys,
        configuration.signing().requireChannelBinding(),
        configuration.signing().maxDevices());
  }

  private static ScramKeys scramKeys(ScramSecrets secrets) {
    return new ScramKeys() {
      @Override
      public List<ScramVerifier> ofPassword(AccountJid account, MachineSecret secret) {
        return secrets.ofDevicePassword(account, secret);
      }

      @Override
      public List<ScramVerifier> ofOneTimeCode(AccountJid account, MachineSecret secret) {
        return secrets.ofCode(account, secret);
      }
    };
  }

  /// Where codes are switched off, none is a candidate.
  private static AccountSnapshot withoutCodes(AccountSnapshot account) {
    return new AccountSnapshot(
        account.account(),
        account.devices(),
        account.credentials().stream()
            .filter(credential -> credential.kind() != CredentialKind.ONE_TIME)
            .toList());
  }

  private DomainOffer offer(ServedDomain domain, Map<String, SaslMechanism> mechanisms)
      throws IOException {
    List<SaslMechanism> offered = new ArrayList<>();
    List<SaslMechanism> fast = new ArrayList<>();
    for (var name : domain.mechanisms()) {
      SaslMechanism mechanism = mechanisms.get(name.text());
      if (mechanism == null) {
        throw new IOException(
            "domain %s: mechanism %s is not known; known are %s"
                .formatted(domain.name(), name, String.join(", ", mechanisms.keySet())));
      }
      if (HtVariant.of(name).isPresent()) {
        fast.add(mechanism);
      } else if (!name.equals(XTokenMechanism.NAME) || configuration.tokens().xToken()) {
        offered.add(mechanism);
      }
    }
    boolean codes = configuration.oneTime().enabled() && takesSecrets(domain);
    return new DomainOffer(
        offered,
        fast,
        codes && signs(domain),
        codes && takesCertificates(domain),
        codes && takesClientKeys(domain));
  }

  // Nobody is given at a domain what does not let him in there.

  private boolean signs(ServedDomain domain) {
    return configuration.signing().enabled() && takesCertificates(domain);
  }

  private static boolean takesCertificates(ServedDomain domain) {
    return domain.mechanisms().contains(ExternalMechanism.NAME);
  }

  private static boolean takesClientKeys(ServedDomain domain) {
    return domain.mechanisms().stream().anyMatch(name -> ClientKeyVariant.of(name).isPresent());
  }

  private boolean takesAuthTokens(ServedDomain domain) {
    return configuration.tokens().xToken() && domain.mechanisms().contains(XTokenMechanism.NAME);
  }

  /// One-time codes and device passwords.
  private static boolean takesSecrets(ServedDomain domain) {
    return domain.mechanisms().stream().anyMatch(name -> ScramVariant.of(name).isPresent());
  }

  private Set<Domain> domains(Predicate<ServedDomain> which) {
    return configuration.domains().stream()
        .filter(which)
        .map(ServedDomain::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static SignInPolicy signInPolicy(Configuration configuration) {
    return new SignInPolicy(
        configuration.limits().timeToAuthenticate(),
        SignInPolicy.DEFAULT.binding(),
        configuration.limits().failedAttempts(),
        configuration.limits().beforeSignIn(),
        configuration.limits().session(),
        SignInPolicy.DEFAULT.idle());
  }

  /// What of Latchkey's own is spoken to each domain's accounts.
  private Map<Domain, List<String>> features() {
    return configuration.domains().stream()
        .collect(Collectors.toMap(ServedDomain::name, this::features));
  }

  private List<String> features(ServedDomain domain) {
    List<String> features = new ArrayList<>();
    if (signs(domain)) {
      features.add(Namespaces.LATCHKEY_CSR);
    }
    if (configuration.oneTime().enabled() && takesSecrets(domain)) {
      features.add(Namespaces.LATCHKEY_ONE_TIME);
    }
    if (takesClientKeys(domain)) {
      features.add(Namespaces.CLIENT_KEY);
    }
    if (takesAuthTokens(domain)) {
      features.add(Namespaces.AUTH_TOKENS);
    }
    features.add(Namespaces.CLIENT_ACCESS);
    features.add(Namespaces.LATCHKEY_CREDENTIAL);
    features.add(Namespaces.LATCHKEY_PERMISSIONS);
    return features;
  }

  private static Map<Domain, Map<String, List<String>>> contacts(Configuration configuration) {
    return configuration.domains().stream()
        .collect(Collectors.toMap(ServedDomain::name, ServedDomain::contacts));
  }

  private static String version() {
    return Optional.ofNullable(Assembly.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /// The listeners stand: invitations say where, unless DNS says it.
  void listening(Optional<InetSocketAddress> startTls, Optional<InetSocketAddress> directTls) {
    Optional<InvitationUris.Hint> hint =
        startTls
            .map(address -> new InvitationUris.Hint(ListenAddress.of(address), false))
            .or(
                () ->
                    directTls.map(
                        address -> new InvitationUris.Hint(ListenAddress.of(address), true)));
    hint.filter(Assembly::isNotFoundByDns)
        .ifPresent(
            known ->
                configuration
                    .domains()
                    .forEach(domain -> hints.put(domain.name(), reachable(known, domain.name()))));
  }

  /// A port of its own, or this machine only.
  private static boolean isNotFoundByDns(InvitationUris.Hint hint) {
    int standard = hint.directTls() ? 5223 : 5222;
    return hint.address().port() != standard || hint.address().isLoopback();
  }

  /// A wildcard is no place to knock at: the domain's own address is.
  private static InvitationUris.Hint reachable(InvitationUris.Hint hint, Domain domain) {
    boolean wildcard = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0").contains(hint.address().host());
    return wildcard
        ? new InvitationUris.Hint(
            new ListenAddress(domain.name(), hint.address().port()), hint.directTls())
        : hint;
  }

  List<AdminCommand> commands(Supplier<JsonLine> status) {
    this.status = status;
    return OperatorCommands.over(operator);
  }

  JsonLine status(Optional<InetSocketAddress> startTls, Optional<InetSocketAddress> directTls) {
    return new JsonLine()
        .with("version", version())
        .withTexts(
            "domains",
            configuration.domains().stream().map(domain -> domain.name().name()).toList())
        .with("c2s", startTls.map(address -> ListenAddress.of(address).toString()))
        .with("tls", directTls.map(address -> ListenAddress.of(address).toString()))
        .with("tls-provider", provider.name().toLowerCase(java.util.Locale.ROOT))
        .with("started", started)
        .with("sessions", registry.size())
        .with("hibernated", registry.sleepers())
        .with("accounts", store.accounts().size())
        .with("data", configuration.data().toString());
  }

  DomainIdentities identities() {
    return identities;
  }

  TlsProvider provider() {
    return provider;
  }

  SessionRegistry registry() {
    return registry;
  }

  /// Removes old messages.
  Retention retention() {
    return retention;
  }

  /// Removes old tokens and client keys.
  CredentialCleaning credentialCleaning() {
    return credentialCleaning;
  }

  SignInServices signIn() {
    return signIn;
  }

  Optional<RestoreReport> restored() {
    return restored;
  }
}
