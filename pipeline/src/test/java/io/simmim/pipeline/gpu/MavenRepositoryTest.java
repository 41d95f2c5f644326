package io.simmim.pipeline.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MavenRepositoryTest {
  @TempDir private Path folder;

  private String maven(String script) throws IOException {
    Path file = folder.resolve("mvn");
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file.toString();
  }

  @Test
  void isWhatMavenAnswers() throws IOException {
    assertThat(MavenRepository.ofMaven(maven("printf https://mirror.example/maven2")).root())
        .isEqualTo(URI.create("https://mirror.example/maven2/"));
  }

  /** Java tells so of JAVA_TOOL_OPTIONS, which agents that observe processes are given by. */
  @Test
  void isNoneOfTheAddressesThatJavaSaysItHasPickedUp() throws IOException {
    String maven =
        maven(
            """
            echo 'Picked up JAVA_TOOL_OPTIONS: -Dotel.exporter.otlp.endpoint=http://agent:4317' >&2
            printf https://mirror.example/maven2
            """);

    assertThat(MavenRepository.ofMaven(maven).root())
        .isEqualTo(URI.create("https://mirror.example/maven2/"));
  }

  @Test
  void tellsWhatMavenSaysInstead() throws IOException {
    String maven = maven("echo 'JAVA_HOME is not defined correctly' >&2; exit 1");

    assertThatThrownBy(() -> MavenRepository.ofMaven(maven))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Maven does not tell its repository (JAVA_HOME is not defined correctly): name one by"
                + " --repository, or a folder with the jars by --from");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://a/b", "http://exa|mple/", "http:///a", "https://a b/", "a"})
  void refusesWhatIsNoAddress(String url) {
    assertThatThrownBy(() -> MavenRepository.of(url))
        .isInstanceOf(UserError.class)
        .hasMessage("a repository must be an http or https URL: " + url);
  }

  @Test
  void showsNoPassword() {
    assertThatThrownBy(() -> MavenRepository.of("https://me:secret@a.example/maven2"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "a repository must be named without user and password: https://…@a.example/maven2 (take"
                + " the jars by --from)");
  }
}
