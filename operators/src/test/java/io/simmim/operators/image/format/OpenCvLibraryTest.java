package io.simmim.operators.image.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.OpenCvDigest;
import io.simmim.operators.image.TwoClassLoadersMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenCvLibraryTest {
  private static final Path JPEG = Goldens.DIRECTORY.resolve("jpeg/progressive.jpg");

  @TempDir Path directory;

  @Test
  void decodesInSeveralClassLoadersOfOneJvm() throws Exception {
    assertThat(run(TwoClassLoadersMain.class)).containsOnly(digest()).hasSize(5);
  }

  /** As the thread of a task is that is cancelled while it begins. */
  @Test
  void isLoadedInAThreadThatIsInterrupted() throws Exception {
    assertThat(run(InterruptedMain.class)).containsExactly("interrupted true", digest());
  }

  private static String digest() throws Exception {
    return "digest " + OpenCvDigest.of(JPEG.toString());
  }

  /** Lines that a program prints in a JVM of its own. */
  private List<String> run(Class<?> main) throws Exception {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", // newer Java warns of it
                "-Dorg.bytedeco.javacpp.cachedir=" + directory.resolve("cache"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                JPEG.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);

    assertThat(process.exitValue()).as("%s", lines).isZero();
    return lines;
  }
}
