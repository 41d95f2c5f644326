package io.simmim.trainer.interop.names;

import io.simmim.trainer.interop.names.TensorLink.Part;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors of one layout that are read from those of another. Nothing is held: each piece is read
 * from where it is.
 */
public final class LinkedTensors implements StateReader {
  /** What names of parameters begin with in a state. */
  private static final String PARAMETER = "param/";

  private final TensorSource source;
  private final List<TensorSpec> tensors = new ArrayList<>();
  private final List<TensorLink> links = new ArrayList<>();

  /** Byte of the link at which each tensor begins. */
  private final List<Long> starts = new ArrayList<>();

  /**
   * @param source has the tensors of the links' second side; an optional one may be missing
   * @param links from the wanted layout, their first side, to that of the source
   * @throws IllegalArgumentException if the source lacks a tensor that is not optional
   */
  public LinkedTensors(TensorSource source, List<TensorLink> links) {
    this.source = source;
    for (TensorLink link : links) {
      requireThere(link);
      long start = 0;
      for (Part part : link.ours()) {
        tensors.add(new TensorSpec(PARAMETER + part.name(), part.tensor().shape()));
        this.links.add(link);
        starts.add(start);
        start += part.tensor().bytes();
      }
    }
  }

  private void requireThere(TensorLink link) {
    for (Part part : link.theirs()) {
      if (!part.optional() && !source.names().contains(part.name())) {
        throw new IllegalArgumentException("the tensor is missing: " + part.name());
      }
    }
  }

  @Override
  public List<TensorSpec> tensors() {
    return List.copyOf(tensors);
  }

  @Override
  public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
    long at = starts.get(tensor) + byteOffset;
    int limit = into.limit();
    for (Part part : links.get(tensor).theirs()) {
      long bytes = part.tensor().bytes();
      if (at < bytes && into.hasRemaining()) {
        into.limit((int) Math.min(limit, into.position() + bytes - at));
        at += into.remaining();
        read(part, at - into.remaining(), into);
        into.limit(limit);
      }
      at -= bytes;
    }
  }

  private void read(Part part, long byteOffset, ByteBuffer into) throws IOException {
    if (source.names().contains(part.name())) {
      source.read(part.name(), byteOffset, into);
    } else {
      while (into.hasRemaining()) {
        into.put((byte) 0);
      }
    }
  }
}
