package io.simmim.trainer.interop.names;

import io.simmim.trainer.interop.names.TensorLink.Part;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Tensors as they are, in the form of a state. */
public final class OfficialTensors {
  private OfficialTensors() {}

  /** All tensors of a source, whose names then begin with {@code param/}. */
  public static StateReader of(TensorSource source) throws IOException {
    List<TensorLink> links = new ArrayList<>();
    for (String name : source.names()) {
      List<Part> same = List.of(new Part(new TensorSpec(name, source.shape(name)), false));
      links.add(new TensorLink(same, same));
    }
    return new LinkedTensors(source, links);
  }
}
