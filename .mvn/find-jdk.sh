# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by ./latchkey and ./check: finds what Latchkey is built with and runs on.

# Prints the folder of the first JDK that is new enough.
find_jdk() {
  local on_path="" home
  if command -v java >/dev/null; then
    on_path=$(readlink -f "$(command -v java)")
    on_path=${on_path%/bin/java}
  fi
  for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* ~/.sdkman/candidates/java/* ~/.jdks/*; do
    # A JRE has no javac; every JDK since 9 says its version in this file.
    [[ -n $home && -x $home/bin/javac && -r $home/release ]] || continue
    [[ $(<"$home/release") =~ JAVA_VERSION=\"([0-9]+) ]] || continue
    if ((BASH_REMATCH[1] >= 25)); then
      printf '%s\n' "$home"
      return 0
    fi
  done
  return 1
}

# Sets JAVA_HOME, or says what to install and ends.
need_jdk() {
  JAVA_HOME=$(find_jdk) || {
    echo "${0##*/}: no JDK 25 was found: install one (for example Temurin from https://adoptium.net), or set JAVA_HOME to where it is." >&2
    exit 1
  }
  export JAVA_HOME
}

# Ends with a sentence where there is no Maven. Maven's own use of old interfaces is not worth a
# warning on each start.
need_maven() {
  command -v mvn >/dev/null || {
    echo "${0##*/}: Maven was not found: install it (Debian: apt-get install maven)." >&2
    exit 1
  }
  export MAVEN_OPTS="${MAVEN_OPTS:-} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
}
