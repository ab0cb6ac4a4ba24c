// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.enrolled;
import static dev.latchkey.devices.House.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.Spec;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SigningTest {
  private final House house = new House();
  private final Acting phone = house.firstDevice(NINA, "phone");

  @Test
  @Spec(doc = "latchkey", section = "31", rule = "own devices get enroll and manage, bots nothing")
  void makesAChildOfTheSigningDevice() {
    EnrolmentResult.Enrolled tablet = enrolled(sign(phone, "csr:tablet", Purpose.OWN));
    EnrolmentResult.Enrolled bot = enrolled(sign(phone, "csr:bot", Purpose.BOT));

    assertThat(tablet.device().parent()).contains(phone.device());
    assertThat(tablet.device().origin()).isEqualTo(DeviceOrigin.DEVICE);
    assertThat(tablet.device().permissions())
        .isEqualTo(Permissions.of(Permission.ENROLL, Permission.MANAGE));
    assertThat(bot.device().permissions()).isEqualTo(Permissions.NONE);
    assertThat(house.history(NINA)).endsWith(EventKind.ADDED, EventKind.ADDED);
  }

  @Test
  @Spec(doc = "latchkey", section = "30.E", rule = "signing for another device needs enroll")
  void refusesADeviceThatMayNotEnroll() {
    Acting bot = house.child(phone, Purpose.BOT, "bot");

    assertThat(fault(sign(bot, "csr:helper", Purpose.BOT))).isEqualTo(RequestFault.FORBIDDEN);
    assertThat(fault(sign(bot, "csr:helper", Purpose.OWN))).isEqualTo(RequestFault.FORBIDDEN);
    assertThat(house.account(NINA).devices()).hasSize(2);
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "what is derived needs a live device")
  void refusesADeviceThatIsNoLongerLive() {
    Acting tablet = house.child(phone, Purpose.OWN, "tablet");
    house.revocation.revoke(phone, tablet.device(), false, Optional.empty());

    assertThat(fault(sign(tablet, "csr:helper", Purpose.OWN))).isEqualTo(RequestFault.FORBIDDEN);
    assertThat(fault(sign(tablet, "csr:again", Purpose.THIS))).isEqualTo(RequestFault.FORBIDDEN);
  }

  @Test
  @Spec(doc = "latchkey", section = "57", rule = "one more credential of its own needs no flag")
  void givesADeviceOneMoreKeyOfItsOwn() {
    Acting bot = house.child(phone, Purpose.BOT, "bot");

    EnrolmentResult.Enrolled more = enrolled(sign(bot, "csr:second", Purpose.THIS));

    assertThat(more.device().id()).isEqualTo(bot.device());
    assertThat(house.account(NINA).credentialsOf(bot.device())).hasSize(2);
    assertThat(house.account(NINA).devices()).hasSize(2);
  }

  @Test
  @Spec(doc = "latchkey", section = "24", rule = "a key for the same device is tied to the channel")
  void refusesOneMoreKeyWithoutTheLink() {
    EnrolmentResult result =
        house.enrolment.sign(
            phone,
            new SigningRequest(
                Bytes.utf8("csr:relay"), Purpose.THIS, Optional.empty(), Optional.empty(), false));

    assertThat(fault(result)).isEqualTo(RequestFault.NOT_LINKED);
  }

  @Test
  void keepsTheLockOfADeviceThatGetsOneMoreKey() {
    Resource kitchen = new Resource("kitchen");
    Acting bot =
        House.acting(
            enrolled(
                    house.enrolment.sign(
                        phone,
                        new SigningRequest(
                            Bytes.utf8("csr:bot"),
                            Purpose.BOT,
                            Optional.empty(),
                            Optional.of(kitchen),
                            true)))
                .device());
    house.sessions.bound.put(kitchen, bot.device());

    assertThat(enrolled(sign(bot, "csr:second", Purpose.THIS)).device().resourceLock())
        .contains(kitchen);
    assertThat(
            fault(
                house.enrolment.sign(
                    bot,
                    new SigningRequest(
                        Bytes.utf8("csr:third"),
                        Purpose.THIS,
                        Optional.empty(),
                        Optional.of(new Resource("phone")),
                        true))))
        .isEqualTo(RequestFault.BAD_NAME);
  }

  @Test
  void refusesTheNinthKeyOfADevice() {
    for (int i = 2; i <= 8; i++) {
      enrolled(sign(phone, "csr:phone" + i, Purpose.THIS));
    }

    assertThat(fault(sign(phone, "csr:phone9", Purpose.THIS))).isEqualTo(RequestFault.QUOTA);
  }

  @Test
  @Spec(doc = "latchkey", section = "25", rule = "the same request has the same answer")
  void givesTheSameAnswerToTheSameRequest() {
    EnrolmentResult.Enrolled first = enrolled(sign(phone, "csr:tablet", Purpose.OWN));
    EnrolmentResult.Enrolled second = enrolled(sign(phone, "csr:tablet", Purpose.OWN));

    assertThat(second.leaf()).isEqualTo(first.leaf());
    assertThat(house.account(NINA).devices()).hasSize(2);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "25",
      rule = "not to another device, and not when it is revoked")
  void givesTheAnswerNeitherToAnotherDeviceNorAfterRevocation() {
    Acting laptop = house.child(phone, Purpose.OWN, "laptop");
    EnrolmentResult.Enrolled tablet = enrolled(sign(phone, "csr:tablet", Purpose.OWN));

    assertThat(fault(sign(laptop, "csr:tablet", Purpose.OWN))).isEqualTo(RequestFault.KEY_IN_USE);
    house.revocation.revoke(phone, tablet.device().id(), false, Optional.empty());
    assertThat(fault(sign(phone, "csr:tablet", Purpose.OWN))).isEqualTo(RequestFault.KEY_IN_USE);
  }

  @Test
  @Spec(doc = "latchkey", section = "24", rule = "a key is in use within its account only")
  void signsAKeyThatAnotherAccountHas() {
    Acting mallory = house.firstDevice(MALLORY, "mallory");
    enrolled(sign(mallory, "csr:tablet", Purpose.OWN));

    enrolled(sign(phone, "csr:tablet", Purpose.OWN));
  }

  @Test
  void refusesWhatCannotBeRead() {
    assertThat(fault(sign(phone, "garbage", Purpose.OWN))).isEqualTo(RequestFault.MALFORMED);
  }

  @Test
  void refusesEverythingWhereSigningIsSwitchedOff() {
    House off = new House(EnrolmentPolicy.STANDARD.withSigning(false));
    IssuedCode code = off.invite(NINA).code();
    EnrolmentResult.Accepted device =
        House.accepted(
            off.enrolment.redeemByCertificate(
                off.id(NINA), code.id(), Bytes.utf8("cert:phone:"), true, NameWish.NONE));

    assertThat(
            fault(
                off.enrolment.sign(
                    House.acting(device.device()),
                    new SigningRequest(
                        Bytes.utf8("csr:tablet"),
                        Purpose.OWN,
                        Optional.empty(),
                        Optional.empty(),
                        true))))
        .isEqualTo(RequestFault.FORBIDDEN);
  }

  private EnrolmentResult sign(Acting actor, String request, Purpose purpose) {
    return house.enrolment.sign(
        actor,
        new SigningRequest(Bytes.utf8(request), purpose, Optional.empty(), Optional.empty(), true));
  }
}
