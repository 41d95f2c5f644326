package io.simmim.schemas.torchfile;

import io.simmim.schemas.safetensors.Dtype;

/** What a pickle may hold besides plain values. */
sealed interface Stored {
  /** A class or function that is called by name; never executed. */
  record Global(String name) implements Stored {}

  /** Values one behind the other. */
  record Storage(Dtype dtype, String key, long elements) implements Stored {}

  /** Something that is allowed to be there and not looked at. */
  record Opaque() implements Stored {}
}
