// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.Overrides;
import dev.latchkey.xmpp.session.ManagementPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The configuration of the demo's server: everything as it is without a file, on ports that are
/// free.
final class DemoConfiguration {
  private static final String ANY_PORT = "127.0.0.1:0";

  private DemoConfiguration() {}

  /// In a folder of its own, without the part that a step shows, where configuration can take it
  /// out.
  static Configuration in(Path folder, Optional<Step> without) {
    Configuration whole =
        Configuration.read(
            Optional.empty(),
            new Overrides(
                Optional.of(folder.resolve("data")),
                Optional.of(folder.resolve("run")),
                List.of(Demo.DOMAIN),
                Optional.of(without.equals(Optional.of(Step.SERVE)) ? "off" : ANY_PORT),
                Optional.of(ANY_PORT)));
    ManagementPolicy sleeping = whole.streamManagement();
    return whole
        .with(
            new ManagementPolicy(
                sleeping.longest(),
                sleeping.stanzas(),
                sleeping.characters(),
                sleeping.perDevice(),
                without.equals(Optional.of(Step.RESUME)) ? 0 : sleeping.sessions(),
                sleeping.memory()))
        .with(
            new Configuration.OneTime(
                !without.equals(Optional.of(Step.INVITE)),
                whole.oneTime().inviteTtl(),
                whole.oneTime().issueTtl(),
                whole.oneTime().maxTtl()))
        .with(
            new Configuration.Signing(
                !without.equals(Optional.of(Step.ENROL)),
                whole.signing().validity(),
                whole.signing().maxDevices(),
                whole.signing().requireChannelBinding()));
  }
}
