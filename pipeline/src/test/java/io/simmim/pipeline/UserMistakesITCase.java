package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.ChangedMachine;
import io.simmim.pipeline.command.CommandFailure;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What users get wrong, and what machines do to them, is told in one line each. */
@Timeout(600)
class UserMistakesITCase {
  private static final int USAGE = 2;

  @TempDir static Path work;
  private static final CommandLine simmim = new CommandLine("mistakes");
  private static Workload workload;

  @BeforeAll
  static void prepare() throws IOException {
    workload = Workload.prepare(work, 400);
  }

  /** In processes of their own; the others are in {@code UserMistakesTest}. */
  @Test
  void argumentsThatAreWrong() throws Exception {
    assertUsage(simmim.run("train"), "train");
    assertUsage(simmim.run(pretrain("b", "--set", "mask.patch-size=28")), "28");
  }

  @Test
  void folderWithoutPermission() throws Exception {
    Path closed = work.resolve("closed");
    Photographs.draw(closed, 30);
    Path inner = closed.resolve("odd");
    Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("---------"));
    try {
      CommandLine ordinary = withoutPrivileges();
      CommandFailure.assertOneLine(ordinary.run(pretrainOn(closed)), inner.toString());
    } finally {
      Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** Checkpoints are compressed by a library that is unpacked for each process. */
  @Test
  void folderForTemporaryFilesFromWhichNoLibraryIsLoaded() throws Exception {
    Path temporary = Files.createDirectories(work.resolve("no programs"));
    RunOutput output = new RunOutput(work.resolve("without-programs"));
    CommandLine simmim = ChangedMachine.withTemporaryFiles("no-programs", temporary, "noexec");

    CommandResult result = simmim.run(workload.pretrain(output, "--set", "training.epochs=4"));

    assertThat(result.orFail().output()).doesNotContain("restart");
    assertThat(output.model()).exists();
  }

  @Test
  void folderForTemporaryFilesThatIsFull() throws Exception {
    Path temporary = Files.createDirectories(work.resolve("no-room"));
    CommandLine simmim = ChangedMachine.withTemporaryFiles("no-room", temporary, "size=4m");

    CommandFailure.assertOneLine(
        simmim.run(pretrain("d")),
        "simmim: there is no room for temporary files in %s (TMPDIR names another folder): No space left on device"
            .formatted(temporary));
  }

  /** As a network file system does whose lock service is not there. */
  @Test
  void fileSystemThatRefusesLocks() throws Exception {
    assumeTrue(ChangedMachine.succeeds(List.of("cc", "--version")), "there is a C compiler");
    Path source =
        Files.writeString(
            work.resolve("no-locks.c"),
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #define F_SETLK 6
            static int call(const char *name, int file, int command, void *argument) {
              if (command == F_SETLK) {
                errno = ENOLCK;
                return -1;
              }
              int (*next)(int, int, ...) = dlsym(RTLD_NEXT, name);
              return next(file, command, argument);
            }
            int fcntl(int file, int command, void *argument) {
              return call("fcntl", file, command, argument);
            }
            int fcntl64(int file, int command, void *argument) {
              return call("fcntl64", file, command, argument);
            }
            """);
    Path library = work.resolve("no-locks.so");
    assertThat(
            ChangedMachine.succeeds(
                List.of("cc", "-shared", "-fPIC", "-o", "" + library, "" + source, "-ldl")))
        .isTrue();
    CommandLine simmim = new CommandLine("no-locks", Map.of("LD_PRELOAD", library.toString()));

    CommandFailure.assertOneLine(
        simmim.run(pretrain("g")),
        "simmim: cannot use the output %s: .run.lock cannot be locked: No locks available; mount its file system with locks (for NFS the lock service must run), or choose another --output"
            .formatted(work.resolve("g")));
  }

  /** As where somebody renamed the machine. Some systems know the address of any name it has. */
  @Test
  void nameOfTheMachineThatHasNoAddress() throws Exception {
    CommandLine simmim =
        ChangedMachine.within(
            "no-address",
            List.of("--uts"),
            "hostname renamed.invalid && ! getent hosts renamed.invalid && ",
            "exec \"$@\"");

    CommandResult result = simmim.run(pretrain("e"));

    CommandFailure.assertOneLine(
        result, "the name of this machine, renamed.invalid, has no address");
    assertThat(result.output()).isEmpty();
  }

  /** As where the loopback interface has lost it, or has an address of IPv6 only. */
  @Test
  void localhostThatIsNoAddressOfTheMachine() throws Exception {
    String change = "ip link set lo up && ip address flush dev lo && ";
    CommandLine simmim =
        ChangedMachine.within("no-localhost", List.of("--net"), change, "exec \"$@\"");

    CommandFailure.assertOneLine(
        simmim.run(pretrain("f")),
        "nothing can listen on localhost (Cannot assign requested address)");
  }

  @Test
  void checkpointThatIsDamaged() throws Exception {
    RunOutput output = new RunOutput(work.resolve("damaged"));
    try (ChildProcess process = simmim.start(workload.pretrain(output))) {
      Awaitility.await("checkpoints")
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(50))
          .ignoreException(UncheckedIOException.class) // an older one is deleted meanwhile
          .until(() -> newest(output, "_metadata") != null && output.lastStep() > 20);
      process.kill();
    }
    Path metadata = newest(output, "_metadata");
    Path state = largestBeside(metadata);

    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length / 2] ^= 4;
    Files.write(state, bytes);
    CommandFailure.assertOneLine(InThisProcess.run(workload.pretrain(output)), "checkpoint");

    Files.write(state, new byte[0]);
    CommandFailure.assertOneLine(
        InThisProcess.run(workload.pretrain(output)), state.getFileName().toString());

    Files.write(metadata, new byte[] {0, 1, 2});
    CommandFailure.assertOneLine(
        InThisProcess.run(workload.pretrain(output)), metadata.getParent().toString());
  }

  private static List<String> pretrain(String output, String... more) {
    return workload.pretrain(new RunOutput(work.resolve(output)), more);
  }

  private static List<String> pretrainOn(Path images) {
    return new Workload(images, workload.config())
        .pretrain(new RunOutput(work.resolve(images.getFileName() + "-output")));
  }

  private static void assertUsage(CommandResult result, String named) {
    CommandFailure.assertOneLine(result, named);
    assertThat(result.exitCode()).isEqualTo(USAGE);
  }

  /** Root may read everything; the capability that allows it can be given up. */
  private static CommandLine withoutPrivileges() throws IOException, InterruptedException {
    if (!System.getProperty("user.name").equals("root")) {
      return simmim;
    }
    String[] setpriv = {
      "setpriv",
      "--bounding-set=-dac_override,-dac_read_search",
      "--inh-caps=-dac_override,-dac_read_search"
    };
    assumeTrue(
        ChangedMachine.succeeds(Stream.concat(Stream.of(setpriv), Stream.of("true")).toList()),
        "privileges can be given up");
    return new CommandLine("no-permission", setpriv);
  }

  private static Path newest(RunOutput output, String name) throws IOException {
    Path checkpoints = output.path().resolve("checkpoints");
    if (!Files.exists(checkpoints)) {
      return null;
    }
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files
          .filter(file -> file.endsWith(name))
          .max(Comparator.comparingInt(UserMistakesITCase::checkpointNumber))
          .orElse(null);
    }
  }

  private static int checkpointNumber(Path metadata) {
    return Integer.parseInt(
        metadata.getParent().getFileName().toString().substring("chk-".length()));
  }

  private static Path largestBeside(Path metadata) throws IOException {
    try (Stream<Path> files = Files.list(metadata.getParent())) {
      return files.max(Comparator.comparingLong(file -> file.toFile().length())).orElseThrow();
    }
  }
}
