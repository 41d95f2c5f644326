package io.simmim.schemas.safetensors;

import java.util.Locale;

/**
 * Element types of the safetensors format, under the names that the format uses; but for those of
 * four and six bits.
 */
public enum Dtype {
  BOOL(1),
  U8(1),
  I8(1),
  F8_E4M3(1),
  F8_E5M2(1),
  F8_E8M0(1),
  F8_E4M3FNUZ(1),
  F8_E5M2FNUZ(1),
  U16(2),
  I16(2),
  F16(2),
  BF16(2),
  U32(4),
  I32(4),
  F32(4),
  U64(8),
  I64(8),
  F64(8),
  C64(8);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  static Dtype parse(String name) {
    for (Dtype dtype : values()) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(String.format(Locale.ROOT, "unknown dtype \"%.40s\"", name));
  }
}
