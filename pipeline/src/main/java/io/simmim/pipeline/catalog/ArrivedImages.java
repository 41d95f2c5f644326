package io.simmim.pipeline.catalog;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.text.PrintableText;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The log of a continuous run: what arrived, and what was trained on when. */
final class ArrivedImages implements ImageList {
  private final ArrivalLog log;
  private final long length;
  private final String checkpoint;
  private final OptionalLong trainedSteps;

  /**
   * @param length bytes of the log
   * @param checkpoint the newest checkpoint, whose part of the log was found to be right; empty if
   *     there is none
   * @param trainedSteps how many steps are complete; empty if that is not known
   */
  ArrivedImages(ArrivalLog log, long length, String checkpoint, OptionalLong trainedSteps) {
    this.log = log;
    this.length = length;
    this.checkpoint = checkpoint;
    this.trainedSteps = trainedSteps;
  }

  @Override
  public void list(PrintWriter out, long most) {
    log.forEachImage(
        (id, image) -> {
          if (id < most) {
            line(out, id, image);
          }
        });
  }

  private void line(PrintWriter out, long id, ArrivedImage image) {
    long step = log.stepOf(id);
    ImageRef ref = image.ref(id);
    out.printf(
        Locale.ROOT,
        "%d\t%s\t%s\t%d bytes\t%s\t%s\t%s%s%n",
        id,
        Instant.ofEpochMilli(image.eventMillis()),
        step == 0 ? "waiting" : "step " + step,
        image.length(),
        PrintableText.of(ref.name()),
        PrintableText.of(image.version()),
        PrintableText.of(image.origin()),
        remark(id, image));
  }

  private String remark(long id, ArrivedImage image) {
    if (!image.problem().isEmpty()) {
      return "\t" + PrintableText.of(image.problem());
    }
    return log.isDeleted(id, log.chunks()) ? "\tdeleted" : "";
  }

  @Override
  public void count(PrintWriter out) {
    Counts counts = new Counts();
    log.forEachImage((id, image) -> counts.add(image));
    out.printf(Locale.ROOT, "images     %,d (%,d in tar shards)%n", log.size(), counts.members);
    out.printf(Locale.ROOT, "unusable   %,d%n", counts.unusable);
    out.printf(Locale.ROOT, "deleted    %,d%n", log.deleted());
    out.printf(Locale.ROOT, "bytes      %,d%n", counts.bytes);
    out.println(trained());
    out.printf("inputs     %s%n", PrintableText.of(String.join(", ", log.roots())));
    counts.days.forEach((day, images) -> out.printf(Locale.ROOT, "%s %,d%n", day, images));
  }

  /** Chunks are decided on ahead of training. */
  private String trained() {
    long perStep = log.header().chunksPerStep();
    long waiting = log.size() - log.used();
    if (trainedSteps.isEmpty()) {
      return String.format(
          Locale.ROOT,
          "given to steps %,d as new ones, in %,d chunks of %d images (%,d steps); %,d are waiting",
          log.used(),
          log.chunks(),
          log.header().chunkImages(),
          (log.chunks() + perStep - 1) / perStep,
          waiting);
    }
    long chunks = Math.min(log.chunks(), trainedSteps.getAsLong() * perStep);
    long used = chunks < log.chunks() ? log.decisions().firstImage(chunks) : log.used();
    return String.format(
        Locale.ROOT,
        "trained on %,d as new ones, in %,d chunks of %d images (%,d steps);"
            + " %,d are given to the next steps, %,d are waiting",
        used,
        chunks,
        log.header().chunkImages(),
        chunks / perStep,
        log.used() - used,
        waiting);
  }

  private static final class Counts {
    private final Map<LocalDate, Long> days = new TreeMap<>();
    private long members;
    private long unusable;
    private long bytes;

    void add(ArrivedImage image) {
      members += image.member().isEmpty() ? 0 : 1;
      unusable += image.problem().isEmpty() ? 0 : 1;
      bytes += image.length();
      days.merge(
          Instant.ofEpochMilli(image.eventMillis()).atZone(ZoneOffset.UTC).toLocalDate(),
          1L,
          Long::sum);
    }
  }

  @Override
  public void verify(PrintWriter out) {
    out.printf(
        Locale.ROOT, "%,d images in %,d bytes, SHA-256 %s: ok%n", log.size(), length, log.digest());
    if (!checkpoint.isEmpty()) {
      out.printf("the part that %s refers to: ok%n", checkpoint);
    }
  }
}
