package io.simmim.operators.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.OtherClass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(120)
class TrialProcessTest {
  private static final ImageConfig CONFIG = ImageConfig.ofSize(32);

  /** More than a pipe holds; unreadable. */
  private static final int LARGE = 1 << 20;

  private final Set<Long> before = children();

  @TempDir Path folder;

  @Test
  void sendsAnImageAgainWhereTheProcessHadEndedBefore() throws Exception {
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(), Duration.ofSeconds(60));
    try (TrialProcess process = new TrialProcess(trial)) {
      assertThat(process.decode(0, 0, image(10))).isEmpty();
      ProcessHandle child = child();
      child.destroy();
      child.onExit().get();

      assertThat(process.decode(0, 1, image(LARGE))).isEmpty();
    }
  }

  @Test
  void sendsAnImageAgainWhereTheProcessDoesNotRead() throws Exception {
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(), Duration.ofSeconds(6));
    try (TrialProcess process = new TrialProcess(trial)) {
      assertThat(process.decode(0, 0, image(10))).isEmpty();
      ProcessHandle child = child();
      new ProcessBuilder("kill", "-STOP", "" + child.pid()).start().waitFor();

      assertThat(process.decode(0, 1, image(LARGE))).isEmpty();
      assertThat(child.onExit().get(1, TimeUnit.MINUTES).isAlive()).isFalse();
    }
  }

  /** So does the end of the parent, by whatever. */
  @Test
  void theEndOfItsInputEndsTheProcessThoughAnImageIsInTheDecoder() throws Exception {
    Path mark = folder.resolve("decoding");
    String option =
        OtherClass.whenUnreadable(
            folder,
            """
            try {
              new java.io.File("%s").createNewFile();
            } catch (java.io.IOException e) {
              throw new IllegalStateException(e);
            }
            while (true) Thread.onSpinWait();
            """
                .formatted(mark));
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(option), Duration.ofSeconds(60));
    Process process =
        new ProcessBuilder(TrialProcess.command(trial))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      var input = new DataOutputViewStreamWrapper(process.getOutputStream());
      TrialMain.writeConfig(trial, input);
      EncodedChunk alone = new EncodedChunk(0, 0, 0, List.of(image(10)));
      EncodedChunkSerializer.INSTANCE.serialize(alone, input);
      input.flush();
      await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(mark));
      assertThat(process.isAlive()).isTrue();

      input.close();

      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** A user who is in no list has one that the launcher tells; Java itself would take "?". */
  @Test
  void unpacksLibrariesWhereThisProcessDoes() throws Exception {
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(), Duration.ofSeconds(60));

    assertThat(TrialProcess.command(trial))
        .contains("-Duser.home=" + System.getProperty("user.home"))
        .contains("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
  }

  /** Two garbage collectors keep a JVM from starting; logs go to standard output by default. */
  @Test
  void startsWhateverTheUsersOptionsAre() throws Exception {
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(), Duration.ofSeconds(60));
    ProcessBuilder builder =
        new ProcessBuilder(TrialProcess.command(trial))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("JDK_JAVA_OPTIONS", "-XX:+UseG1GC -Xlog:gc*");
    Process process = builder.start();
    try {
      var input = new DataOutputViewStreamWrapper(process.getOutputStream());
      TrialMain.writeConfig(trial, input);
      input.flush();

      assertThat(process.getInputStream().read()).isEqualTo(TrialMain.ALIVE);
    } finally {
      process.destroyForcibly();
    }
  }

  private static EncodedImage image(int bytes) {
    return EncodedImage.of(new ImageRef(0, "file:/0.jpg", 0, 1), new byte[bytes]);
  }

  private ProcessHandle child() {
    return ProcessHandle.current()
        .children()
        .filter(child -> !before.contains(child.pid()))
        .filter(child -> child.info().command().orElse("").endsWith("java")) // others come and go
        .findFirst()
        .orElseThrow();
  }

  private static Set<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
  }
}
