package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.tensorboard.EventLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
      assertFailure(ordinary.run(pretrainOn(closed)), inner.toString());
    } finally {
      Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void diskThatIsFullAtExport() throws Exception {
    Path small = Files.createDirectories(work.resolve("small-disk"));
    CommandLine simmim = onDisk("full-disk", small, "256k", "exec \"$@\"");

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(small),
                "--set",
                "training.epochs=2",
                "--set",
                "checkpoint.interval=1h"));

    assertFailure(result, "model");
    assertThat(result.errors()).contains("No space left on device");
  }

  /** One checkpoint has room on it. Then it is made larger, and the same command given again. */
  @Test
  void diskThatIsFullAtACheckpointAndHasRoomAgain() throws Exception {
    Path small = Files.createDirectories(work.resolve("smaller-disk"));
    Path kept = Files.createDirectories(work.resolve("kept"));
    CommandLine simmim =
        onDisk(
            "full-at-checkpoint",
            small,
            "1300k",
            "\"$@\"; mount -o remount,size=64m "
                + small
                + " && \"$@\" && cp -r "
                + small
                + "/. "
                + kept);

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(small),
                "--set",
                "training.epochs=50",
                "--set",
                "checkpoint.interval=200ms"));

    assertThat(result.errors().lines())
        .as(result.toString())
        .singleElement()
        .asString()
        .contains("cannot write checkpoints to file:" + small, "No space left on device")
        .contains("make room there, then run the same command again");
    assertThat(result.output()).contains("continuing from " + small + "/checkpoints/");
    RunOutput output = new RunOutput(kept);
    assertThat(output.metrics()).hasSize(50 * Workload.STEPS_PER_EPOCH);
    assertThat(output.lastStep()).isEqualTo(50L * Workload.STEPS_PER_EPOCH);
    assertThat(output.model()).exists();
  }

  /** As a checkpoint that does not fit, or somebody else, fills it until it is given up. */
  @Test
  void diskThatIsFullForMoments() throws Exception {
    Path disk = Files.createDirectories(work.resolve("shared-disk"));
    Path kept = Files.createDirectories(work.resolve("kept-of-shared"));
    String fill =
        """
        (until [ -s OUT/metrics.jsonl ]; do sleep 0.05; done
         for i in 1 2 3 4; do
           dd if=/dev/zero of=OUT/others bs=64k 2>/dev/null; sleep 0.5; rm OUT/others; sleep 0.1
         done
         touch OUT/over) &
        """
            .replace("OUT", disk.toString());
    CommandLine simmim =
        onDisk("shared-disk", disk, "16m", fill + "\"$@\" && cp -r " + disk + "/. " + kept);

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(disk),
                "--set",
                "training.epochs=150",
                "--set",
                "checkpoint.interval=1h"));

    assertThat(result.orFail().output()).doesNotContain("restart");
    assertThat(result.errors()).doesNotContain("progress is not noted"); // nobody needs to know
    RunOutput output = new RunOutput(kept);
    assertThat(kept.resolve("over")).as("the disk was full four times before the end").exists();
    assertThat(output.metrics()).hasSize(150 * Workload.STEPS_PER_EPOCH);
    EventLog events = EventLog.read(kept.resolve("runs"));
    assertThat(events.scalars("train/loss")).hasSize(150 * Workload.STEPS_PER_EPOCH);
    assertThat(events.scalars("train/loss").values()).allMatch(once -> once.size() == 1);
  }

  /** Histograms take more than all else, so theirs is most often the file that finds no room. */
  @Test
  void diskThatIsFullForEventFiles() throws Exception {
    Path disk = Files.createDirectories(work.resolve("events-disk"));
    CommandLine simmim = onDisk("full-for-events", disk, "2m", "exec \"$@\"");

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(disk),
                "--set",
                "training.epochs=300",
                "--set",
                "checkpoint.interval=1h",
                "--set",
                "tensorboard.histograms-every-steps=1",
                "--set",
                "flink.restart-strategy.type=none"));

    assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
    assertThat(result.errors().lines().reduce("", (earlier, last) -> last))
        .matches(
            "simmim: cannot write (file:)?%s/(runs/(histograms/)?events\\.out\\.tfevents\\.\\S+|metrics\\.jsonl):"
                    .formatted(disk)
                + " No space left on device; nothing is lost: make room.*");
  }

  /** Checkpoints are compressed by a library that is unpacked for each process. */
  @Test
  void folderForTemporaryFilesFromWhichNoLibraryIsLoaded() throws Exception {
    Path temporary = Files.createDirectories(work.resolve("no programs"));
    RunOutput output = new RunOutput(work.resolve("without-programs"));
    CommandLine simmim = withTemporaryFiles("no-programs", temporary, "noexec");

    CommandResult result = simmim.run(workload.pretrain(output, "--set", "training.epochs=4"));

    assertThat(result.orFail().output()).doesNotContain("restart");
    assertThat(output.model()).exists();
  }

  @Test
  void folderForTemporaryFilesThatIsFull() throws Exception {
    Path temporary = Files.createDirectories(work.resolve("no-room"));
    CommandLine simmim = withTemporaryFiles("no-room", temporary, "size=1m");

    assertFailure(
        simmim.run(pretrain("d")),
        "simmim: there is no room for temporary files in %s (TMPDIR names another folder): No space left on device"
            .formatted(temporary));
  }

  /** As where somebody renamed the machine. Some systems know the address of any name it has. */
  @Test
  void nameOfTheMachineThatHasNoAddress() throws Exception {
    CommandLine simmim =
        within(
            "no-address",
            List.of("--uts"),
            "hostname renamed.invalid && ! getent hosts renamed.invalid && ",
            "exec \"$@\"");

    CommandResult result = simmim.run(pretrain("e"));

    assertFailure(result, "the name of this machine, renamed.invalid, has no address");
    assertThat(result.output()).isEmpty();
  }

  /** As where the loopback interface has lost it, or has an address of IPv6 only. */
  @Test
  void localhostThatIsNoAddressOfTheMachine() throws Exception {
    String change = "ip link set lo up && ip address flush dev lo && ";
    CommandLine simmim = within("no-localhost", List.of("--net"), change, "exec \"$@\"");

    assertFailure(
        simmim.run(pretrain("f")),
        "nothing can listen on localhost (Cannot assign requested address)");
  }

  private static CommandLine withTemporaryFiles(String name, Path folder, String options)
      throws IOException, InterruptedException {
    return onMount(name, folder, options, "TMPDIR='%s' exec \"$@\"".formatted(folder));
  }

  /** The launcher within a script, whose output is a file system of a given size. */
  private static CommandLine onDisk(String name, Path folder, String size, String script)
      throws IOException, InterruptedException {
    return onMount(name, folder, "size=" + size, script);
  }

  private static CommandLine onMount(String name, Path folder, String options, String script)
      throws IOException, InterruptedException {
    String mount = "mount -t tmpfs -o %s none '%s' && ".formatted(options, folder);
    return within(name, List.of("--mount"), mount, script);
  }

  /** The launcher within a script, in namespaces of its own that are changed before. */
  private static CommandLine within(
      String name, List<String> namespaces, String change, String script)
      throws IOException, InterruptedException {
    List<String> wrapper = new ArrayList<>(List.of("unshare", "--map-root-user"));
    wrapper.addAll(namespaces);
    wrapper.addAll(List.of("sh", "-c"));
    assumeTrue(
        succeeds(Stream.concat(wrapper.stream(), Stream.of(change + "true")).toList()),
        "there are namespaces that can be changed");
    wrapper.addAll(List.of(change + script, "sh"));
    return new CommandLine(name, wrapper.toArray(String[]::new));
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
    assertFailure(simmim.run(workload.pretrain(output)), "checkpoint");

    Files.write(state, new byte[0]);
    assertFailure(simmim.run(workload.pretrain(output)), state.getFileName().toString());

    Files.write(metadata, new byte[] {0, 1, 2});
    assertFailure(simmim.run(workload.pretrain(output)), metadata.getParent().toString());
  }

  private static List<String> pretrain(String output, String... more) {
    return workload.pretrain(new RunOutput(work.resolve(output)), more);
  }

  private static List<String> pretrainOn(Path images) {
    return new Workload(images, workload.config())
        .pretrain(new RunOutput(work.resolve(images.getFileName() + "-output")));
  }

  private static void assertUsage(CommandResult result, String named) {
    assertFailure(result, named);
    assertThat(result.exitCode()).isEqualTo(USAGE);
  }

  private static void assertFailure(CommandResult result, String named) {
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    assertThat(result.errors().lines().toList()).as(result.toString()).hasSize(1);
    assertThat(result.errors()).contains(named);
    assertThat(result.output()).doesNotContain("Exception");
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
        succeeds(Stream.concat(Stream.of(setpriv), Stream.of("true")).toList()),
        "privileges can be given up");
    return new CommandLine("no-permission", setpriv);
  }

  private static boolean succeeds(List<String> command) throws IOException, InterruptedException {
    try (ChildProcess process =
        ChildProcess.start(
            Path.of("target", "cli", "probe"), "probe", java.util.Map.of(), command)) {
      return process.await(Duration.ofMinutes(2)).exitCode() == 0; // names may be asked for in vain
    }
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
