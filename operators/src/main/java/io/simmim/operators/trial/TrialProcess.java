package io.simmim.operators.trial;

import io.simmim.operators.image.ImagePath;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.EncodedImage;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;

/**
 * The process of an {@link ImageTrial}, started when it is needed: at the first image, and after
 * each one that ended it. It runs {@link TrialMain}. Whatever it does or does not do, nothing here
 * waits for it without a limit.
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

  /**
   * What the user's own options (JDK_JAVA_OPTIONS) may contradict comes last and wins: a second
   * garbage collector would keep the JVM from starting, and standard output is for answers. A JVM
   * of a few images does not earn back what the second compiler costs: it is ready in two thirds of
   * the time without.
   */
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:-UseG1GC",
          "-XX:-UseParallelGC",
          "-XX:-UseZGC",
          "-XX:-UseShenandoahGC",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-CreateCoredumpOnCrash",
          "-XX:ErrorFile=/dev/null",
          "-Xlog:disable",
          "-Xlog:all=warning:stderr",
          "-XX:+DisplayVMOutputToStderr",
          "-Djava.awt.headless=true");

  /** Properties that say where libraries are unpacked. */
  private static final List<String> LIBRARY_PLACES =
      List.of("user.home", "java.io.tmpdir", "org.bytedeco.javacpp.cachedir");

  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final long POLL_MILLIS = 2;

  /** Something that the process is to read. */
  @FunctionalInterface
  private interface Message {
    void write(DataOutputView target) throws IOException;
  }

  private final ImageTrial trial;
  private Process process;

  TrialProcess(ImageTrial trial) {
    this.trial = trial;
  }

  /**
   * Decodes an image there; once more in another process if this one was killed, or had not read
   * the image when it ended: the image need not be the reason.
   *
   * @return empty if the process survived, whether or not the image can be read; else what happened
   * @throws IOException if no process can be started
   */
  String decode(int epoch, long position, EncodedImage image)
      throws IOException, InterruptedException {
    EncodedChunk alone = new EncodedChunk(0, epoch, position, List.of(image));
    End end = decode(alone);
    if (end.exitCode() == KILLED || !end.hadRead()) {
      end = decode(alone);
    }
    return end.text(trial);
  }

  private End decode(EncodedChunk alone) throws IOException, InterruptedException {
    if (process == null) {
      start();
    }
    return ask(target -> EncodedChunkSerializer.INSTANCE.serialize(alone, target), trial.limit());
  }

  /** Sends something, in a thread of its own as the process may not read it, and awaits the end. */
  private End ask(Message message, Duration limit) throws IOException, InterruptedException {
    var input = new DataOutputViewStreamWrapper(process.getOutputStream());
    FutureTask<Void> sending =
        new FutureTask<>(
            () -> {
              message.write(input);
              input.flush();
              return null;
            });
    Thread sender = new Thread(sending, "image-trial");
    sender.setDaemon(true);
    sender.start();
    int exitCode = answer(limit);
    // All of it is read, or no process is left that could read it.
    sender.join(limit.toMillis());
    return new End(exitCode, isDone(sending));
  }

  private static boolean isDone(FutureTask<Void> sending) throws InterruptedException {
    if (!sending.isDone()) {
      return false;
    }
    try {
      sending.get();
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private int answer(Duration limit) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (!hasAnswered()) {
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        int exitCode = hasAnswered() ? End.NONE : process.exitValue();
        close();
        return exitCode;
      }
      if (System.nanoTime() - start > limit.toNanos()) {
        close();
        return End.NEVER;
      }
    }
    return End.NONE;
  }

  /** Looks at what is there. Text, which a library may print natively, is no answer. */
  private boolean hasAnswered() throws IOException {
    InputStream output = process.getInputStream();
    for (byte printed : output.readNBytes(output.available())) {
      if (printed == TrialMain.ALIVE) {
        return true;
      }
    }
    return false;
  }

  private void start() throws IOException, InterruptedException {
    process =
        new ProcessBuilder(command(trial)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    End end = ask(target -> TrialMain.writeConfig(trial, target), START_LIMIT);
    if (end.exitCode() != End.NONE) {
      throw new IOException(
          end.exitCode() == End.NEVER
              ? String.format(
                  Locale.ROOT, "the process does not answer within %d s", START_LIMIT.toSeconds())
              : "the process does not start: exit code " + end.exitCode());
    }
  }

  /** What starts a process that reads the trial's configuration from its standard input. */
  static List<String> command(ImageTrial trial) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + Runtime.getRuntime().maxMemory());
    for (String place : LIBRARY_PLACES) {
      if (System.getProperty(place) != null) {
        command.add("-D" + place + "=" + System.getProperty(place));
      }
    }
    command.addAll(OPTIONS);
    command.addAll(trial.jvmOptions());
    command.addAll(List.of("-cp", classPath(), TrialMain.class.getName()));
    return command;
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

  /**
   * How an image ended the process.
   *
   * @param exitCode of the process, or what stands for none
   * @param hadRead whether the process had got the whole image
   */
  private record End(int exitCode, boolean hadRead) {
    static final int NONE = -1;
    static final int NEVER = -2;

    String text(ImageTrial trial) {
      if (exitCode == NONE) {
        return "";
      }
      if (exitCode == NEVER) {
        return String.format(
            Locale.ROOT, "cannot be decoded: no end within %d s", trial.limit().toSeconds());
      }
      String signal = SIGNALS.get(exitCode - SIGNALLED);
      return String.format(
          Locale.ROOT,
          "ends the process that decodes it: exit code %d%s",
          exitCode,
          signal == null ? "" : " (" + signal + ")");
    }
  }
}
