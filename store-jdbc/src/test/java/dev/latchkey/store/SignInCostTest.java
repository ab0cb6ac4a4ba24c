// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static dev.latchkey.store.OpenFolder.commit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Samples;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.RememberingMechanism;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.UserAgentId;
import dev.latchkey.sasl.clientkey.ClientKeyClient;
import dev.latchkey.sasl.clientkey.ClientKeyMechanism;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.clientkey.LiveClientKeyDirectory;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.sasl.ht.HtMechanism;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.ht.LiveHtDirectory;
import dev.latchkey.sasl.scram.LiveScramDirectory;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramMechanism;
import dev.latchkey.sasl.scram.ScramSalts;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.sasl.xtoken.LiveTokenDirectory;
import dev.latchkey.sasl.xtoken.XTokenClient;
import dev.latchkey.sasl.xtoken.XTokenMechanism;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an attempt that fails costs the database and the sealer: the same for an account that does
/// not exist, one that has nothing of the kind, and one whose proof is wrong (rule 15). That it
/// costs the same hashes and MACs show the mechanisms' own tests.
final class SignInCostTest {
  private static final UserAgentId AGENT = new UserAgentId("an agent");
  private static final ScramVariant SCRAM = ScramVariant.SCRAM_SHA_256_PLUS;
  private static final HtVariant HT = HtVariant.HT_SHA_256_EXPR;

  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);

  /// Half of all names fall to each: whose account is read for one that nobody has goes by their
  /// ids.
  private final Account rich = account("acct-0", "nina@chat.example");

  private final Account poor = account("acct-g", "otto@chat.example");
  private final AccountJid nobody = AccountJid.parse("nobody@chat.example");
  private final Bytes exporter = Bytes.random(32, random);
  private final ConnectionFacts facts =
      new ConnectionFacts(Map.of(ChannelBindingType.TLS_EXPORTER, exporter), Optional.empty());
  private final ChannelBindingChoice bound =
      new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, exporter);
  private final Secret guess = Secret.of(Bytes.random(32, random));
  private final ManualClock clock = new ManualClock(Samples.NOW);
  private final AtomicInteger openings = new AtomicInteger();

  @TempDir private Path temporary;
  private OpenFolder open;
  private Sealer sealer;
  private JdbcCredentialStore store;

  @BeforeEach
  void open() {
    open = OpenFolder.at(temporary.resolve("data"), random);
    sealer = new WatchedSealer(open.sealer(), () -> {}, openings::incrementAndGet);
    store = JdbcCredentialStore.open(open.folder(), sealer);
    Device device = samples.device(rich.id());
    commit(
        store,
        new CredentialChange.PutAccount(rich),
        new CredentialChange.PutAccount(poor),
        new CredentialChange.PutDevice(device));
    for (Verifier verifier :
        List.of(
            new Verifier.Password(samples.keys()),
            new Verifier.Password(samples.keys()),
            new Verifier.Fast(
                HT.mechanism().text(), Secret.of(samples.octets(43)), AGENT.sha256(), true),
            new Verifier.Fast(
                HT.mechanism().text(), Secret.of(samples.octets(43)), AGENT.sha256(), false),
            samples.clientKey(),
            samples.authToken())) {
      commit(
          store,
          OpenFolder.guard(store, rich.id()),
          new CredentialChange.PutCredential(
              samples.credential(rich.id(), Optional.of(device.id()), verifier)));
    }
  }

  @AfterEach
  void close() {
    store.close();
    open.close();
  }

  private Account account(String id, String address) {
    Account drawn = samples.account(address);
    return new Account(
        new AccountId(id + drawn.id().value().substring(id.length())),
        drawn.jid(),
        drawn.status(),
        drawn.version(),
        drawn.created());
  }

  private record Cost(int unsealed, long reads, long writes) {}

  private Cost cost(SaslMechanism mechanism, ClientMechanism client, AccountJid account) {
    SaslExchange server =
        mechanism.begin(
            new SignInRequest(
                facts,
                account.domain(),
                Optional.of(account.jid()),
                Optional.of(AGENT),
                List.of(mechanism.name())));
    openings.set(0);
    StoreCounters before = store.counters();
    SaslStep step = server.next(client.initialResponse());
    if (step instanceof SaslStep.Challenge(Bytes challenge)) {
      step = server.next(Optional.of(client.respond(challenge)));
    }
    assertThat(step)
        .isEqualTo(new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, FailureReason.NO_MATCH));
    StoreCounters after = store.counters();
    return new Cost(
        openings.get(), after.reads() - before.reads(), after.writes() - before.writes());
  }

  private void isTheSame(
      SaslMechanism mechanism, Function<AccountJid, ClientMechanism> client, int unsealed) {
    for (AccountJid account : List.of(rich.jid(), poor.jid(), nobody, rich.jid())) {
      assertThat(cost(mechanism, client.apply(account), account))
          .as("%s", account)
          .isEqualTo(new Cost(unsealed, 1, 0));
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "known and unknown names cost the same")
  void passwordsAndCodes() {
    isTheSame(
        ScramMechanism.of(
            SCRAM,
            new LiveScramDirectory(
                new ScramSalts(guess), store::find, clock, Decoys.sealedBy(sealer)),
            random),
        account -> ScramClient.begin(SCRAM, account, guess, bound, Optional.empty(), random),
        64);
  }

  private long rows(AccountJid account) {
    long before = store.counters().rows();
    var _ = store.find(account);
    return store.counters().rows() - before;
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "an unknown name costs what somebody's name costs")
  void unknownNamesCostTheRowsOfSomebody() {
    long most = rows(rich.jid());
    long least = rows(poor.jid());
    assertThat(most).isGreaterThan(least);
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      AccountJid unknown = AccountJid.parse("nobody" + i + "@chat.example");
      long cost = rows(unknown);
      seen.add(cost);
      assertThat(rows(unknown)).as("the same each time").isEqualTo(cost);
    }

    assertThat(seen).containsExactlyInAnyOrder(most, least);
  }

  /// As the server has it: what is remembered is tried first (decision 0016).
  private static SaslMechanism remembering(
      Function<Function<AccountJid, Optional<AccountSnapshot>>, SaslMechanism> over,
      JdbcCredentialStore store) {
    return new RememberingMechanism(over.apply(store::remembered), over.apply(store::find));
  }

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "unknown must look like wrong")
  void fastTokens() {
    isTheSame(
        remembering(
            accounts ->
                HtMechanism.of(HT, new LiveHtDirectory(accounts, clock, Decoys.sealedBy(sealer))),
            store),
        account -> HtClient.begin(HT, account, guess, facts),
        2 * 124);
  }

  @Test
  @Spec(doc = "latchkey", section = "56", rule = "unknown account or client id: the same work")
  void clientKeys() {
    String id =
        store.find(rich.id()).orElseThrow().credentials().stream()
            .filter(credential -> credential.verifier() instanceof Verifier.ClientKey)
            .map(credential -> ((Verifier.ClientKey) credential.verifier()).clientId())
            .findAny()
            .orElseThrow();
    isTheSame(
        remembering(
            accounts ->
                ClientKeyMechanism.of(
                    ClientKeyVariant.CLIENT_KEY_PLUS,
                    new LiveClientKeyDirectory(
                        accounts, _ -> false, clock, Decoys.sealedBy(sealer))),
            store),
        account ->
            ClientKeyClient.begin(
                ClientKeyVariant.CLIENT_KEY_PLUS,
                account,
                new HeldClientKey(id, guess, guess),
                0,
                bound),
        2 * 2);
  }

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "unknown must look like wrong")
  void authTokens() {
    isTheSame(
        remembering(accounts -> XTokenMechanism.of(new LiveTokenDirectory(accounts, clock)), store),
        account -> new XTokenClient(account, Secret.ofText("a guess")),
        0);
  }
}
