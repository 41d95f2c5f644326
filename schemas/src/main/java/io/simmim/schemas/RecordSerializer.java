package io.simmim.schemas;

import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializer of an immutable record. Copies are the same instance, so that chained operators hand
 * records on for free and the synchronous part of a checkpoint copies references only. Each stored
 * record begins with one byte, the version of its format.
 *
 * @param <T> the record
 */
public abstract class RecordSerializer<T> extends TypeSerializerSingleton<T> {
  private final String name;
  private final byte oldest;
  private final byte version;

  /** A record of which one version is read. */
  protected RecordSerializer(String name, int version) {
    this(name, version, version);
  }

  /**
   * A record of which several versions are read.
   *
   * @param oldest version that is still read
   * @param version that is written
   */
  protected RecordSerializer(String name, int oldest, int version) {
    this.name = name;
    this.oldest = (byte) oldest;
    this.version = (byte) version;
  }

  /** Writes the fields; the version byte is there already. */
  protected abstract void write(T record, DataOutputView target) throws IOException;

  /**
   * Reads the fields as {@link #write} wrote them in the build that wrote this version.
   *
   * @throws IllegalArgumentException if they cannot be those of a record, or {@link
   *     ArithmeticException}
   */
  protected abstract T read(int found, DataInputView source) throws IOException;

  @Override
  public final void serialize(T record, DataOutputView target) throws IOException {
    target.writeByte(version);
    write(record, target);
  }

  @Override
  public final T deserialize(DataInputView source) throws IOException {
    byte found = source.readByte();
    if (found < oldest || found > version) {
      throw new IOException(
          "%s has format version %d; this build reads %s"
              .formatted(
                  name,
                  found,
                  oldest == version
                      ? "version " + version
                      : "versions %d to %d".formatted(oldest, version)));
    }
    try {
      return read(found, source);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException("%s is damaged: %s".formatted(name, PrintableText.reason(e)), e);
    }
  }

  @Override
  public final T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public final void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public final T copy(T from) {
    return from;
  }

  @Override
  public final T copy(T from, T reuse) {
    return from;
  }

  @Override
  public final boolean isImmutableType() {
    return true;
  }

  @Override
  public final T createInstance() {
    return null;
  }

  @Override
  public final int getLength() {
    return -1;
  }
}
