package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.images.TarShards;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Images, checkpoints and results on S3, with 20 ms before every answer, one in twenty refused and
 * some connections lost: a run gives the same bytes as one from and to local files.
 */
@Timeout(400)
class S3TrainingITCase {
  private static final int EPOCHS = 6;

  /** Of those that a run reads: it is about in its middle when they are read. */
  private static final int SOME_IMAGES = 150;

  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final Map<String, String> CREDENTIALS = S3Server.environment();
  private static final DistantS3.Behavior DISTANT =
      new DistantS3.Behavior(Duration.ofMillis(20), 0.05, 0.01, false);

  /** Copies of the model, pictures and measurements go to storage too. */
  private static final String[] WATCHED = {
    "--set", "pictures.every-steps=5", "--set", "pictures.images=2",
    "--set", "eval.every-epochs=2", "--set", "eval.rank-images=16"
  };

  @TempDir static Path work;
  private static S3Server server;
  private static DistantS3 distant;
  private static Workload workload;
  private static Path shards;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainFromLocalFiles() throws IOException, InterruptedException {
    workload = Workload.prepare(work, EPOCHS);
    server = S3Server.start(work.resolve("server"));
    distant = DistantS3.start(server, DISTANT);
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    runLocally(workload.pretrain(undisturbed, WATCHED));
    S3Files.upload(workload.images(), BUCKET + "/images");
    shards = Files.createDirectories(work.resolve("shards"));
    TarShards.pack(workload.images(), shards);
    S3Files.upload(shards, BUCKET + "/shards");
    assertThat(undisturbed.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
  }

  @AfterAll
  static void stopServer() throws IOException {
    if (distant != null) {
      distant.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void trainsAsFromLocalFilesAndNamesNoSecretAnywhere() throws Exception {
    Path log = work.resolve("secrets.log");
    CommandLine simmim =
        new CommandLine(
            "s3", Map.of("SIMMIM_LOG", log.toString(), "AWS_EC2_METADATA_DISABLED", "true"));

    CommandResult result = simmim.run(S3Server.withCredentials(pretrain("run"))).orFail();

    assertThat(result.output().lines().toList()).endsWith(BUCKET + "/run/model");
    assertThat(result.errors()).isEmpty();
    assertThat(distant.faults()).isGreaterThan(distant.requests() / 50);
    RunOutput run = downloaded("run");
    run.assertSameAs(undisturbed);
    assertThat(result.output()).doesNotContain(S3Server.SECRET_KEY);
    assertThat(Files.readString(log)).doesNotContain(S3Server.SECRET_KEY, S3Server.ACCESS_KEY);
    assertNamesNoSecret(run.path());

    assertThat(runHere(pretrain("run")).output()).contains("already complete");
  }

  private static void assertNamesNoSecret(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(S3Server.SECRET_KEY, S3Server.ACCESS_KEY);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample", "block"})
  void trainsFromTarShardsAsFromLocalOnes(String shuffle) throws Exception {
    Workload local = new Workload(shards, workload.config());
    String[] options = {"--set", "training.epochs=3", "--set", "data.shuffle=" + shuffle};
    RunOutput fromLocal = new RunOutput(work.resolve("shards-" + shuffle));
    runLocally(local.pretrain(fromLocal, options));
    long faultsBefore = distant.faults();

    runHere(pretrainFrom("/shards", "shards-" + shuffle, options));

    assertThat(distant.faults()).isGreaterThan(faultsBefore);
    assertThat(fromLocal.lastStep()).isEqualTo(3L * Workload.STEPS_PER_EPOCH);
    downloaded("shards-" + shuffle).assertSameAs(fromLocal);
  }

  @Test
  void continuesAfterKill() throws Exception {
    CommandLine simmim = new CommandLine("s3-killed", CREDENTIALS);
    try (ChildProcess process = startToFirstCheckpoint(simmim, "killed", WATCHED)) {
      process.kill();
    }
    distant.speedUp();
    assertThat(S3Files.holds(BUCKET + "/killed/model", "model.safetensors")).isFalse();

    CommandResult result = runHere(pretrain("killed", WATCHED));

    assertThat(result.output()).contains("continuing from " + BUCKET + "/killed/checkpoints/");
    RunOutput killed = downloaded("killed");
    killed.assertSameAs(undisturbed);
    assertThat(killed.evaluations()).isNotEmpty().isEqualTo(undisturbed.evaluations());
    Path pictures = killed.path().resolve("pictures");
    for (String picture : names(undisturbed.path().resolve("pictures"))) {
      assertThat(pictures.resolve(picture))
          .hasSameBinaryContentAs(undisturbed.path().resolve("pictures").resolve(picture));
    }
    assertThat(names(pictures))
        .isNotEmpty()
        .isEqualTo(names(undisturbed.path().resolve("pictures")));
    assertThat(S3Files.holds(BUCKET + "/killed/beside", "model.safetensors"))
        .as("copies that were looked at")
        .isFalse();
  }

  /** On S3 lines appear with checkpoints, and with the end: here they do not, as after a kill. */
  @Test
  void isNotCompleteWithAModelWhoseLastStepsHaveNoLines() throws Exception {
    CommandLine simmim = new CommandLine("s3-late", CREDENTIALS);
    try (ChildProcess process =
        startToFirstCheckpoint(simmim, "late", "--set", "checkpoint.interval=1h")) {
      distant.deny("PUT /" + S3Server.BUCKET + "/late/metrics.jsonl");
      distant.speedUp();
      Awaitility.await("the model")
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () ->
                  !process.isAlive() || S3Files.holds(BUCKET + "/late/model", "model.safetensors"));
      process.kill();
    }
    String direct = "flink.s3.endpoint=" + server.endpoint();

    CommandResult result = runHere(pretrain("late", "--set", direct));

    assertThat(result.output()).contains("continuing from " + BUCKET + "/late/checkpoints/");
    downloaded("late").assertSameAs(undisturbed);
    assertThat(runHere(pretrain("late", "--set", direct)).output()).contains("already complete");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void continuesFromTheSavepointThatATerminationTakes() throws Exception {
    CommandLine simmim = new CommandLine("s3-terminated", CREDENTIALS);
    try (ChildProcess process = startToFirstCheckpoint(simmim, "terminated")) {
      process.terminate();
      assertThat(process.await(Duration.ofMinutes(3)).output())
          .contains("saved in " + BUCKET + "/terminated/savepoints/");
    }
    distant.speedUp();

    CommandResult result = runHere(pretrain("terminated"));

    assertThat(result.output()).contains("continuing from " + BUCKET + "/terminated/savepoints/");
    downloaded("terminated").assertSameAs(undisturbed);
  }

  @Test
  void whatIsWrongIsToldInOneLine() throws Exception {
    String endpoint = distant.endpoint().toString();
    assertMistake(
        mistaken("s3://no-such-bucket/images", endpoint),
        "s3://no-such-bucket/images",
        "the bucket does not exist");
    assertMistake(mistaken(BUCKET + "/nothing", endpoint), "does not exist", BUCKET + "/nothing");
    assertMistake(
        mistaken(BUCKET + "/images", "http://127.0.0.1:1"),
        "cannot reach 127.0.0.1:1: Connection refused");
    assertMistake(
        mistaken("s3://user:pa55word@bucket/images", endpoint),
        "input must not hold credentials: s3://******@bucket/images");
    List<String> wrong = S3Server.withCredentials(pretrainOn(BUCKET + "/images", endpoint));
    wrong.addAll(List.of("--set", "flink.s3.secret-key=wr0ng"));
    assertMistake(
        InThisProcess.run(wrong),
        BUCKET + "/images",
        "access denied: the credentials are wrong or do not allow it");
    assertMistake(
        withoutCredentials(pretrainOn(BUCKET + "/images", endpoint)),
        "no credentials found (for S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role)");
    S3Files.connect(server);
  }

  private static CommandResult mistaken(String input, String endpoint) {
    return InThisProcess.run(S3Server.withCredentials(pretrainOn(input, endpoint)));
  }

  /** Nor are those of a machine in Amazon's cloud looked for, which would take its time. */
  private static CommandResult withoutCredentials(List<String> arguments) {
    System.setProperty("com.amazonaws.sdk.disableEc2Metadata", "true");
    try {
      return InThisProcess.run(arguments);
    } finally {
      System.clearProperty("com.amazonaws.sdk.disableEc2Metadata");
    }
  }

  private static void assertMistake(CommandResult result, String... told) {
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(2);
    assertThat(result.errors().lines().toList()).as(result.toString()).hasSize(1);
    assertThat(result.errors()).contains(told).doesNotContain("wr0ng", "pa55word", "Exception");
  }

  private static void runLocally(List<String> arguments) {
    InThisProcess.run(arguments).orFail();
    S3Files.connect(server);
  }

  private static CommandResult runHere(List<String> arguments) {
    CommandResult result = InThisProcess.run(S3Server.withCredentials(arguments)).orFail();
    S3Files.connect(server);
    return result;
  }

  private static ChildProcess startToFirstCheckpoint(
      CommandLine simmim, String output, String... more) throws IOException {
    distant.slowDownAfter(SOME_IMAGES);
    ChildProcess process = simmim.start(pretrain(output, more));
    Awaitility.await("a checkpoint")
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () ->
                !process.isAlive()
                    || S3Files.holds(BUCKET + "/" + output + "/checkpoints", "_metadata"));
    assertThat(process.isAlive()).as(process::errors).isTrue();
    return process;
  }

  private static List<String> pretrain(String output, String... more) {
    return pretrainFrom("/images", output, more);
  }

  private static List<String> pretrainFrom(String input, String output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pretrain",
                "--input",
                BUCKET + input,
                "--output",
                BUCKET + "/" + output,
                "--config",
                workload.config().toString(),
                "--set",
                "flink.s3.endpoint=" + distant.endpoint(),
                "--set",
                "flink.s3.path.style.access=true"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static List<String> pretrainOn(String input, String endpoint) {
    return List.of(
        "pretrain",
        "--input",
        input,
        "--output",
        work.resolve("mistake").toString(),
        "--config",
        workload.config().toString(),
        "--set",
        "flink.s3.endpoint=" + endpoint,
        "--set",
        "flink.s3.path.style.access=true");
  }

  private static RunOutput downloaded(String output) throws IOException {
    Path folder = work.resolve("downloaded-" + output);
    S3Files.download(BUCKET + "/" + output, folder);
    return new RunOutput(folder);
  }
}
