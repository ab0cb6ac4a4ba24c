// SPDX-License-Identifier: Apache-2.0
/// What a client keeps on the server: private XML (XEP-0049) and the account's card (XEP-0054),
/// behind the door [PrivateStore].
@NullMarked
package dev.latchkey.chat.storage;

import org.jspecify.annotations.NullMarked;
