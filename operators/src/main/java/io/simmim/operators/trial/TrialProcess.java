package io.simmim.operators.trial;

import io.simmim.operators.image.ImagePath;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.EncodedImage;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;

/**
 * The process of an {@link ImageTrial}, started when it is needed: at the first image, and after
 * each one that ended it. It runs {@link TrialMain}.
 *
 * <p>Used by one thread.
 */
final class TrialProcess implements AutoCloseable {
  private static final Map<Integer, String> SIGNALS =
      Map.of(4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV");

  /** A process that a signal ended has this plus the signal's number as its exit code. */
  private static final int SIGNALLED = 128;

  /** By the kernel, when memory is used up: perhaps not by this image. */
  private static final int KILLED = SIGNALLED + 9;

  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final long POLL_MILLIS = 2;

  private final ImageTrial trial;
  private Process process;
  private DataOutputViewStreamWrapper images;

  TrialProcess(ImageTrial trial) {
    this.trial = trial;
  }

  /**
   * Decodes an image there.
   *
   * @return empty if the process survived, whether or not the image can be read; else what happened
   * @throws IOException if no process can be started
   */
  String decode(int epoch, long position, EncodedImage image)
      throws IOException, InterruptedException {
    EncodedChunk alone = new EncodedChunk(0, epoch, position, List.of(image));
    End end = decode(alone);
    if (end.exitCode() == KILLED) {
      end = decode(alone);
    }
    return end.text(trial);
  }

  private End decode(EncodedChunk alone) throws IOException, InterruptedException {
    if (process == null) {
      start();
    }
    try {
      EncodedChunkSerializer.INSTANCE.serialize(alone, images);
      images.flush();
    } catch (IOException e) {
      return ended(process.waitFor()); // it did not even read the image
    }
    return answer(trial.limit());
  }

  private End answer(Duration limit) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (process.getInputStream().available() == 0) {
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        return ended(process.exitValue());
      }
      if (System.nanoTime() - start > limit.toNanos()) {
        close();
        return End.NEVER;
      }
    }
    return process.getInputStream().read() == TrialMain.ALIVE ? End.NONE : ended(process.waitFor());
  }

  private End ended(int exitCode) {
    process = null;
    return new End(exitCode);
  }

  private void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + Runtime.getRuntime().maxMemory());
    command.add("-XX:+UseSerialGC");
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-XX:ErrorFile=/dev/null");
    command.add("-Djava.awt.headless=true");
    command.addAll(trial.jvmOptions());
    command.addAll(List.of("-cp", classPath(), TrialMain.class.getName()));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    images = new DataOutputViewStreamWrapper(process.getOutputStream());
    End end;
    try {
      TrialMain.writeConfig(trial, images);
      images.flush();
      end = answer(START_LIMIT);
    } catch (IOException e) {
      close();
      throw new IOException("the process does not read: " + e.getMessage(), e);
    }
    if (!end.equals(End.NONE)) {
      throw new IOException("the process does not start: " + end);
    }
  }

  /** Where this JVM has its classes; on a cluster the job's jar is on no class path. */
  private static String classPath() throws IOException {
    try {
      Path own =
          Path.of(ImagePath.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return System.getProperty("java.class.path") + File.pathSeparator + own;
    } catch (URISyntaxException | RuntimeException e) {
      throw new IOException("the classes are in no file", e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }

  /** How an image ended the process: by its exit code. */
  private record End(int exitCode) {
    static final End NONE = new End(-1);
    static final End NEVER = new End(-2);

    String text(ImageTrial trial) {
      if (equals(NONE)) {
        return "";
      }
      if (equals(NEVER)) {
        return "cannot be decoded: no end within %d s".formatted(trial.limit().toSeconds());
      }
      String signal = SIGNALS.get(exitCode - SIGNALLED);
      return "ends the process that decodes it: exit code %d%s"
          .formatted(exitCode, signal == null ? "" : " (" + signal + ")");
    }
  }
}
