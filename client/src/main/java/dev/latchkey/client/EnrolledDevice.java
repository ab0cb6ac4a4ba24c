// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.nio.file.Path;

/// A device that was just enrolled.
///
/// @param account what it is
/// @param folder where its files lie
/// @param retried whether an earlier enrolment, whose answer was lost, was brought to its end
public record EnrolledDevice(DeviceAccount account, Path folder, boolean retried) {}
