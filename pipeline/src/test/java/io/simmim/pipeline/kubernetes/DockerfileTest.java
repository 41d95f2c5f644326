package io.simmim.pipeline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What an image needs that stands on PyTorch's instead of Flink's own. */
class DockerfileTest {
  private static final Path FILE = Path.of("..", "k8s", "Dockerfile");

  /** The stages, each from its FROM on. */
  private static List<String> stages() throws IOException {
    return Arrays.asList(Files.readString(FILE).split("(?m)^(?=FROM )"));
  }

  private static String stage(String name) throws IOException {
    return stages().stream()
        .filter(stage -> stage.lines().findFirst().orElse("").endsWith(" AS " + name))
        .findFirst()
        .orElseThrow();
  }

  /** Hadoop's S3 does not start for a number that is no user of the system. */
  @Test
  void knowsItsUser() throws IOException {
    Matcher user = Pattern.compile("(?m)^USER ([0-9]+):([0-9]+)$").matcher(stages().get(4));
    assertThat(user.find()).isTrue();

    assertThat(stage("device-gpu"))
        .contains("getent passwd " + user.group(1))
        .contains("groupadd --system --gid=%s flink".formatted(user.group(2)))
        .containsPattern("useradd .*--uid=%s --gid=flink flink".formatted(user.group(1)));
  }

  /** In the locale of a bare system Java cannot name files that are not in ASCII. */
  @Test
  void namesFilesInUnicode() throws IOException {
    assertThat(stages().get(4)).containsPattern("(?m)^ENV LC_ALL=C.UTF-8$");
  }
}
