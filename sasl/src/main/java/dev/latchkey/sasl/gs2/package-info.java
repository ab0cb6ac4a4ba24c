// SPDX-License-Identifier: Apache-2.0
/// The gs2 header (RFC 5801 §4, RFC 5802 §7) that the messages of SCRAM and CLIENT-KEY begin with:
/// what a client says of channel binding, and whom it wants to be.
///
/// The door is [dev.latchkey.sasl.gs2.Gs2Verdict] for a server, and
/// [dev.latchkey.sasl.gs2.ChannelBindingChoice] for a client. What is done with the channel-binding
/// data is the mechanism's.
@NullMarked
package dev.latchkey.sasl.gs2;

import org.jspecify.annotations.NullMarked;
