package io.simmim.pipeline.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/**
 * A run as MLflow has it. What was told is noted in the output after each call, so that nothing is
 * told twice; only if nobody heard an answer the same is told again, with the same times.
 *
 * <p>Each call does what is left to do, also after one that failed. Not thread-safe.
 */
final class MlflowRun {
  /** How a run stands, by MLflow's names. */
  enum Status {
    RUNNING,
    FINISHED,
    FAILED,
    KILLED
  }

  private final MlflowTarget target;
  private final MlflowServer server;
  private final RunBeginning beginning;
  private final UntoldLines lines;
  private ToldSoFar told;
  private MetricBatch batch = new MetricBatch();
  private ToldSoFar afterBatch;

  MlflowRun(MlflowTarget target, MlflowServer server) {
    this.target = target;
    this.server = server;
    beginning = new RunBeginning(target, server);
    lines = new UntoldLines(target.output());
  }

  /** What a server was told of a run in this output, if it was the one that is to be told now. */
  static Optional<ToldSoFar> toldBefore(MlflowTarget target) throws IOException {
    return ToldSoFar.read(target.output()).filter(found -> found.isOf(target));
  }

  /**
   * Begins the run, or goes on with it.
   *
   * @throws MlflowRefusal if the server says why not
   */
  void open() throws IOException, InterruptedException {
    if (told == null) {
      told = beginning.open(lines);
    }
  }

  /** Where people look at it. */
  URI page() {
    return beginning.page(told);
  }

  /** The last step whose metrics were told. */
  long lastStep() {
    return told == null ? 0 : told.steps();
  }

  /**
   * Tells what was not told yet.
   *
   * @param limit no later step is told
   * @throws MlflowRefusal if the server says why not
   */
  void tell(long limit) throws IOException, InterruptedException {
    open();
    while (hasMore(limit)) {
      server.post("runs/log-batch", batch.of(told.run()));
      afterBatch.write(target.output());
      told = afterBatch;
      batch = new MetricBatch();
    }
  }

  /** A batch that nobody took yet stays as it is. */
  private boolean hasMore(long limit) throws IOException {
    if (batch.isEmpty()) {
      afterBatch = lines.read(told, limit, batch);
    }
    return !batch.isEmpty();
  }

  /** Says how it ended. */
  void end(Status status) throws IOException, InterruptedException {
    open();
    long end = status == Status.FINISHED ? lines.lastMillis() : 0;
    ObjectNode body = MlflowServer.JSON.createObjectNode();
    body.put("run_id", told.run());
    body.put("status", status.name());
    body.put("end_time", end > 0 ? end : System.currentTimeMillis());
    server.post("runs/update", body);
    told = told.withRun(told.run(), status.name());
    told.write(target.output());
  }
}
