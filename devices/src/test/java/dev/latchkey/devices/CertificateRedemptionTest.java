// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.accepted;
import static dev.latchkey.devices.House.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.authority.KeyKind;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CertificateRedemptionTest {
  private final House house = new House();

  @Test
  void takesTheCertificateThatWasShown() {
    CredentialId code = house.invite(NINA).code().id();

    EnrolmentResult.Accepted made = accepted(show(code, "cert:phone:", true));

    assertThat(made.device().permissions()).isEqualTo(Permissions.ALL);
    assertThat(made.device().unbound()).isFalse();
    assertThat(made.credential().verifier())
        .isEqualTo(
            new Verifier.Certificate(
                Bytes.utf8("cert:phone:"),
                Optional.empty(),
                Bytes.utf8("phone").sha256(),
                Optional.empty(),
                true,
                false));
    assertThat(made.credential().expires())
        .contains(house.clock.instant().plus(Duration.ofDays(90)));
    assertThat(house.credential(NINA, code).status()).isEqualTo(CredentialStatus.REDEEMED);
  }

  @Test
  @Spec(doc = "latchkey", section = "7", rule = "way i without -PLUS gives no flags, and says so")
  void givesNoFlagsToWhatMayBeARelays() {
    CredentialId code = house.invite(NINA).code().id();

    EnrolmentResult.Accepted made = accepted(show(code, "cert:relay:", false));

    assertThat(made.device().permissions()).isEqualTo(Permissions.NONE);
    assertThat(made.device().unbound()).isTrue();
    assertThat(house.store.events(house.id(NINA), 2, 10).getFirst().reason()).contains("unbound");
  }

  @Test
  @Spec(doc = "latchkey", section = "7", rule = "the operator may refuse way i without -PLUS")
  void refusesWhatMayBeARelaysIfTheOperatorWantsIt() {
    House strict = new House(EnrolmentPolicy.STANDARD.withRefuseUnbound(true));
    CredentialId code = strict.invite(NINA).code().id();

    assertThat(
            fault(
                strict.enrolment.redeemByCertificate(
                    strict.id(NINA), code, Bytes.utf8("cert:relay:"), false, NameWish.NONE)))
        .isEqualTo(RequestFault.NOT_LINKED);
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "a certificate that names somebody else here")
  void refusesACertificateThatNamesSomebodyElseHere() {
    CredentialId code = house.invite(NINA).code().id();

    for (String names :
        List.of("mallory@chat.example", "nina@other.example", "chat.example", "@", "x@y@z")) {
      assertThat(fault(show(code, "cert:phone:" + names, true)))
          .as(names)
          .isEqualTo(RequestFault.BAD_NAME);
    }
    accepted(show(code, "cert:phone:nina@elsewhere.test", true));
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "names only restrict")
  void takesACertificateThatNamesTheAccountAmongOthers() {
    CredentialId code = house.invite(NINA).code().id();

    accepted(show(code, "cert:phone:mallory@chat.example,NINA@chat.example", true));
  }

  @Test
  @Spec(doc = "latchkey", section = "30.C", rule = "the certificate's resource is the lock")
  void locksToTheResourceOfTheCertificate() {
    CredentialId code = house.invite(NINA).code().id();

    assertThat(accepted(show(code, "cert:bot:nina@chat.example/bot", true)).device().resourceLock())
        .contains(new Resource("bot"));
  }

  @Test
  @Spec(doc = "latchkey", section = "30.C", rule = "certificate and code name the same resource")
  void refusesACertificateForAnotherResourceThanTheCodes() {
    CredentialId code = pinned(Optional.of(new Resource("kitchen")), Optional.empty());

    assertThat(fault(show(code, "cert:bot:nina@chat.example/phone", true)))
        .isEqualTo(RequestFault.BAD_NAME);
    assertThat(fault(show(code, "cert:bot:nina@chat.example/kitchen,nina@chat.example/b", true)))
        .isEqualTo(RequestFault.BAD_NAME);
    assertThat(accepted(show(code, "cert:bot:", true)).device().resourceLock())
        .contains(new Resource("kitchen"));
  }

  @Test
  @Spec(doc = "latchkey", section = "30.C", rule = "a code may be for one certificate")
  void refusesAnotherCertificateThanTheOneTheCodeIsFor() {
    CredentialId code = pinned(Optional.empty(), Optional.of(Bytes.utf8("cert:bot:").sha256()));

    assertThat(fault(show(code, "cert:thief:", true))).isEqualTo(RequestFault.FORBIDDEN);
    accepted(show(code, "cert:bot:", true));
  }

  @Test
  @Spec(doc = "latchkey", section = "11", rule = "way i runs the checks of signing")
  void refusesUnreadableExpiredUnsupportedAndKnown() {
    House house = new House(EnrolmentPolicy.STANDARD.withKeys(Set.of(KeyKind.P_256)));
    house.firstDevice(NINA, "phone");
    CredentialId code = house.invite(NINA).code().id();

    assertThat(fault(show(house, code, "garbage"))).isEqualTo(RequestFault.MALFORMED);
    assertThat(fault(show(house, code, "cert:expired:"))).isEqualTo(RequestFault.FORBIDDEN);
    assertThat(fault(show(house, code, "cert:ed25519:"))).isEqualTo(RequestFault.UNSUPPORTED_KEY);
    assertThat(fault(show(house, code, "cert:phone:"))).isEqualTo(RequestFault.KEY_IN_USE);
    accepted(show(house, code, "cert:tablet:"));
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "the same attempt again has the same answer")
  void givesTheSameDeviceAgainAndNothingElse() {
    CredentialId code = house.invite(NINA).code().id();
    EnrolmentResult.Accepted first = accepted(show(code, "cert:phone:", true));

    assertThat(accepted(show(code, "cert:phone:", true)).device().id())
        .isEqualTo(first.device().id());
    assertThat(show(code, "cert:thief:", true)).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(show(code, "cert:phone:nina@chat.example", true))
        .isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "10", rule = "where signing is switched off, way i stays")
  void staysWhereSigningIsSwitchedOff() {
    House off = new House(EnrolmentPolicy.STANDARD.withSigning(false));
    CredentialId code = off.invite(NINA).code().id();

    accepted(show(off, code, "cert:phone:"));
  }

  @Test
  @Spec(doc = "latchkey", section = "11", rule = "SASL1 takes only what is meant for it")
  void suitsOnlyWhatIsSelfSignedUnknownAndNamesNobodyElse() {
    CredentialId code = house.invite(NINA).code().id();
    EnrolmentResult.Accepted lost = accepted(show(code, "cert:lost:", true));
    house.revocation.revokeByOperator(NINA, lost.device().id(), false, Optional.empty(), true);

    assertThat(suits("cert:phone:")).isTrue();
    assertThat(suits("cert:foreign:")).isFalse();
    assertThat(suits("cert:phone:mallory@chat.example")).isFalse();
    assertThat(suits("cert:lost:")).isFalse();
    assertThat(suits("garbage")).isFalse();
  }

  @Test
  @Spec(doc = "latchkey", section = "10", rule = "without signing, a code opens one session")
  void opensOneSessionWhereSigningIsSwitchedOff() {
    House off = new House(EnrolmentPolicy.STANDARD.withSigning(false));
    CredentialId code = off.invite(NINA).code().id();

    Redeemed opened = off.enrolment.openSession(off.id(NINA), code, true).orElseThrow();

    assertThat(off.account(NINA).credentialsOf(opened.device().id())).isEmpty();
    assertThat(opened.device().permissions()).isEqualTo(Permissions.ALL);
    assertThat(off.enrolment.openSession(off.id(NINA), code, true)).isEmpty();
    assertThat(off.redeem(NINA, code, "csr:phone")).isInstanceOf(EnrolmentResult.Dead.class);
    off.enrolment.closeSession(off.id(NINA), opened.device().id());
    assertThat(off.account(NINA).acting(opened.device().id(), 0)).isEmpty();
    assertThat(off.isLive(NINA, code)).isFalse();
  }

  @Test
  @Spec(doc = "latchkey", section = "7", rule = "what is not bound to the channel has no flags")
  void opensASessionWithoutFlagsIfTheProofIsNotBound() {
    House off = new House(EnrolmentPolicy.STANDARD.withSigning(false));
    CredentialId code = off.invite(NINA).code().id();

    Redeemed opened = off.enrolment.openSession(off.id(NINA), code, false).orElseThrow();

    assertThat(opened.device().permissions()).isEqualTo(Permissions.NONE);
  }

  @Test
  void endsSessionsThatACrashHasEnded() {
    House off = new House(EnrolmentPolicy.STANDARD.withSigning(false));
    CredentialId first = off.invite(NINA).code().id();
    Redeemed opened = off.enrolment.openSession(off.id(NINA), first, true).orElseThrow();
    CredentialId code = off.invite(NINA).code().id();
    EnrolmentResult.Accepted kept = accepted(show(off, code, "cert:phone:"));

    off.enrolment.closeAbandonedSessions();

    assertThat(off.account(NINA).acting(opened.device().id(), 0)).isEmpty();
    assertThat(off.account(NINA).acting(kept.device().id(), 0)).isPresent();
  }

  private boolean suits(String certificate) {
    return house.enrolment.suits(house.id(NINA), Bytes.utf8(certificate));
  }

  private EnrolmentResult show(CredentialId code, String certificate, boolean bound) {
    return house.enrolment.redeemByCertificate(
        house.id(NINA), code, Bytes.utf8(certificate), bound, NameWish.NONE);
  }

  private static EnrolmentResult show(House house, CredentialId code, String certificate) {
    return house.enrolment.redeemByCertificate(
        house.id(NINA), code, Bytes.utf8(certificate), true, NameWish.NONE);
  }

  private CredentialId pinned(Optional<Resource> resource, Optional<Bytes> certificate) {
    Acting phone = house.firstDevice(NINA, "owner");
    return House.issued(
            house.codes.issue(
                phone,
                new IssueRequest(
                    Purpose.BOT,
                    Optional.empty(),
                    resource,
                    certificate,
                    Duration.ofMinutes(10),
                    Optional.empty())))
        .id();
  }
}
