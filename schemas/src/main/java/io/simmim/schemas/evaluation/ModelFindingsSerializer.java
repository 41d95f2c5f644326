package io.simmim.schemas.evaluation;

import io.simmim.schemas.RecordSerializer;
import io.simmim.schemas.RecordTypeInfo;
import io.simmim.schemas.bytes.Strings;
import io.simmim.schemas.evaluation.FeatureQuality.Probe;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Stored form of {@link ModelFindings}, on the wire and in the output of a run. Version 1 had no
 * linear classifier.
 */
public final class ModelFindingsSerializer extends RecordSerializer<ModelFindings> {
  public static final ModelFindingsSerializer INSTANCE = new ModelFindingsSerializer();
  public static final RecordTypeInfo<ModelFindings> TYPE =
      new RecordTypeInfo<>(ModelFindings.class, INSTANCE);
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;
  private static final int MOST_VOTES = 100;

  private ModelFindingsSerializer() {
    super("findings of a model", VERSION_1, VERSION_2);
  }

  @Override
  protected void write(ModelFindings findings, DataOutputView target) throws IOException {
    target.writeLong(findings.step());
    target.writeInt(findings.epoch());
    target.writeBoolean(findings.picture());
    Strings.write(findings.problem(), target);
    target.writeBoolean(findings.quality().isPresent());
    if (findings.quality().isPresent()) {
      write(findings.quality().get(), target);
    }
  }

  private static void write(FeatureQuality quality, DataOutputView target) throws IOException {
    target.writeInt(quality.votes().size());
    for (Vote vote : quality.votes()) {
      target.writeInt(vote.neighbours());
      target.writeLong(vote.top1());
      target.writeLong(vote.top5());
      target.writeLong(vote.images());
    }
    target.writeDouble(quality.effectiveRank());
    target.writeInt(quality.width());
    target.writeInt(quality.rankImages());
    target.writeBoolean(quality.probe().isPresent());
    if (quality.probe().isPresent()) {
      Probe probe = quality.probe().get();
      target.writeInt(probe.layer());
      target.writeBoolean(probe.classToken());
      target.writeDouble(probe.rate());
      target.writeLong(probe.top1());
      target.writeLong(probe.top5());
      target.writeLong(probe.images());
    }
  }

  @Override
  protected ModelFindings read(int found, DataInputView source) throws IOException {
    long step = source.readLong();
    int epoch = source.readInt();
    boolean picture = source.readBoolean();
    String problem = Strings.read(source);
    Optional<FeatureQuality> quality =
        source.readBoolean() ? Optional.of(readQuality(found, source)) : Optional.empty();
    return new ModelFindings(step, epoch, picture, quality, problem);
  }

  private static FeatureQuality readQuality(int found, DataInputView source) throws IOException {
    int count = Strings.readCount(source);
    if (count > MOST_VOTES) {
      throw new IllegalArgumentException(
          "votes must be at most %d: %d".formatted(MOST_VOTES, count));
    }
    List<Vote> votes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      votes.add(
          new Vote(source.readInt(), source.readLong(), source.readLong(), source.readLong()));
    }
    double rank = source.readDouble();
    int width = source.readInt();
    int rankImages = source.readInt();
    boolean hasProbe = found >= VERSION_2 && source.readBoolean();
    return new FeatureQuality(
        votes,
        rank,
        width,
        rankImages,
        hasProbe ? Optional.of(readProbe(source)) : Optional.empty());
  }

  private static Probe readProbe(DataInputView source) throws IOException {
    return new Probe(
        source.readInt(),
        source.readBoolean(),
        source.readDouble(),
        source.readLong(),
        source.readLong(),
        source.readLong());
  }

  @Override
  public TypeSerializerSnapshot<ModelFindings> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<ModelFindings> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
