package io.simmim.schemas.checkpoint;

import io.simmim.schemas.RecordSerializer;
import io.simmim.schemas.RecordTypeInfo;
import io.simmim.schemas.checkpoint.CheckpointCost.Written;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored form of {@link CheckpointCost}, on the wire and in checkpoints; times in nanoseconds. */
public final class CheckpointCostSerializer extends RecordSerializer<CheckpointCost> {
  public static final CheckpointCostSerializer INSTANCE = new CheckpointCostSerializer();
  public static final RecordTypeInfo<CheckpointCost> TYPE =
      new RecordTypeInfo<>(CheckpointCost.class, INSTANCE);
  static final int VERSION_1 = 1;

  /** With how far a run had been that goes on. */
  static final int VERSION_2 = 2;

  private CheckpointCostSerializer() {
    super("checkpoint cost", VERSION_1, VERSION_2);
  }

  @Override
  protected void write(CheckpointCost cost, DataOutputView target) throws IOException {
    target.writeLong(cost.checkpoint());
    target.writeBoolean(cost.savepoint());
    target.writeLong(cost.step());
    target.writeLong(cost.epochMillis());
    target.writeLong(cost.stall().toNanos());
    target.writeBoolean(cost.written().isPresent());
    if (cost.written().isPresent()) {
      Written written = cost.written().get();
      target.writeLong(written.bytes());
      target.writeLong(written.upload().toNanos());
      target.writeLong(written.complete().toNanos());
    }
    target.writeBoolean(cost.before().isPresent());
    if (cost.before().isPresent()) {
      target.writeLong(cost.before().get().step());
      target.writeLong(cost.before().get().epochMillis());
    }
  }

  @Override
  protected CheckpointCost read(int found, DataInputView source) throws IOException {
    CheckpointCost begun =
        new CheckpointCost(
            source.readLong(),
            source.readBoolean(),
            source.readLong(),
            source.readLong(),
            Duration.ofNanos(source.readLong()),
            Optional.empty(),
            Optional.empty());
    CheckpointCost cost =
        source.readBoolean()
            ? begun.with(
                new Written(
                    source.readLong(),
                    Duration.ofNanos(source.readLong()),
                    Duration.ofNanos(source.readLong())))
            : begun;
    return found >= VERSION_2 && source.readBoolean()
        ? cost.after(Optional.of(new Reached(source.readLong(), source.readLong())))
        : cost;
  }

  @Override
  public TypeSerializerSnapshot<CheckpointCost> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<CheckpointCost> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
