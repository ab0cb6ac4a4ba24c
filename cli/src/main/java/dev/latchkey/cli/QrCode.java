// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.EncodeHintType;
import com.google.zxing.WriterException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import java.util.Map;

/// A QR code drawn with half blocks: two modules a character.
final class QrCode {
  private static final int QUIET_ZONE = 4; // ISO/IEC 18004 asks for four modules

  private final BitMatrix modules;

  /// Encodes a text.
  ///
  /// @throws CommandException if it does not fit
  QrCode(String text) {
    try {
      modules =
          new QRCodeWriter()
              .encode(
                  text,
                  BarcodeFormat.QR_CODE,
                  0,
                  0,
                  Map.of(
                      EncodeHintType.ERROR_CORRECTION,
                      ErrorCorrectionLevel.L,
                      EncodeHintType.MARGIN,
                      QUIET_ZONE));
    } catch (WriterException tooLong) {
      throw new CommandException("the invitation is too long for a QR code");
    }
  }

  /// Lines for a terminal, black on white whatever its colours are.
  String draw() {
    StringBuilder drawing = new StringBuilder();
    for (int y = 0; y < modules.getHeight(); y += 2) {
      drawing.append("\u001b[97;40m");
      for (int x = 0; x < modules.getWidth(); x++) {
        boolean upper = !isDark(x, y);
        boolean lower = !isDark(x, y + 1);
        drawing.append(upper ? (lower ? '█' : '▀') : (lower ? '▄' : ' '));
      }
      drawing.append("\u001b[0m\n");
    }
    return drawing.toString();
  }

  private boolean isDark(int x, int y) {
    return y < modules.getHeight() && modules.get(x, y);
  }

  /// The modules, for reading them back.
  BitMatrix modules() {
    return modules;
  }
}
