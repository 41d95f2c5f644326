package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import org.junit.jupiter.api.Test;

class NativePlatformTest {
  private static final String GLIBC =
      "7f00-7f10 r-xp 00000000 08:01 42 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n";
  private static final String MUSL = "7f00-7f10 r-xp 00000000 08:01 42 /lib/ld-musl-x86_64.so.1\n";

  @Test
  void refusesOtherPlatformsInOneLine() {
    assertRefused(
        "Linux",
        "aarch64",
        "",
        "the native libraries of this build are for Linux on x86-64; this JVM is for Linux on"
            + " aarch64");
    assertRefused(
        "Windows 11",
        "amd64",
        "",
        "the native libraries of this build are for Linux on x86-64; this JVM is for Windows 11 on"
            + " amd64");
    assertRefused(
        "Linux",
        "amd64",
        MUSL,
        "the native libraries of this build need glibc; this JVM uses musl, as on Alpine Linux:"
            + " take an image with glibc");
  }

  @Test
  void takesThisOne() {
    assertThatCode(() -> NativePlatform.require("Linux", "amd64", GLIBC))
        .doesNotThrowAnyException();
    assertThatCode(NativePlatform::require).doesNotThrowAnyException();
  }

  private static void assertRefused(
      String system, String architecture, String mappedFiles, String message) {
    assertThatThrownBy(() -> NativePlatform.require(system, architecture, mappedFiles))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
