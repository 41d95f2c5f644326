package io.simmim.schemas.safetensors;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Values of any supported type as fp32. */
public final class FloatValues {
  private static final int HALF_MANTISSA_BITS = 10;
  private static final int HALF_LARGEST_EXPONENT = 0x1F;
  private static final int MANTISSA_SHIFT = 13;
  private static final int EXPONENT_SHIFT = 23;
  private static final int EXPONENT_DIFFERENCE = 127 - 15;

  private FloatValues() {}

  /** Whether values of a type can be read. */
  public static boolean reads(Dtype dtype) {
    return switch (dtype) {
      case F32, F64, F16, BF16, I64, I32, I16, I8, U8, BOOL -> true;
      default -> false;
    };
  }

  /**
   * Converts values, rounding those that fp32 does not hold.
   *
   * @param from little-endian; as many values as {@code into} has room for are read
   * @param into filled to its limit
   * @throws IllegalArgumentException if the type is not read
   */
  public static void convert(Dtype dtype, ByteBuffer from, FloatBuffer into) {
    while (into.hasRemaining()) {
      into.put(
          switch (dtype) {
            case F32 -> from.getFloat();
            case F64 -> (float) from.getDouble();
            case F16 -> half(from.getShort());
            case BF16 -> Float.intBitsToFloat(from.getShort() << Short.SIZE);
            case I64 -> from.getLong();
            case I32 -> from.getInt();
            case I16 -> from.getShort();
            case I8 -> from.get();
            case U8, BOOL -> Byte.toUnsignedInt(from.get());
            default ->
                throw new IllegalArgumentException(
                    "values of type %s are not read".formatted(dtype));
          });
    }
  }

  /** IEEE 754 binary16. */
  static float half(short bits) {
    int sign = (bits & 0x8000) << (Float.SIZE - Short.SIZE);
    int exponent = (bits >> HALF_MANTISSA_BITS) & HALF_LARGEST_EXPONENT;
    int mantissa = bits & ((1 << HALF_MANTISSA_BITS) - 1);
    if (exponent == 0) { // zero, or without the leading one
      float value = Math.scalb((float) mantissa, -24);
      return sign == 0 ? value : -value;
    }
    int wide =
        exponent == HALF_LARGEST_EXPONENT
            ? Float.floatToRawIntBits(Float.POSITIVE_INFINITY)
            : (exponent + EXPONENT_DIFFERENCE) << EXPONENT_SHIFT;
    return Float.intBitsToFloat(sign | wide | mantissa << MANTISSA_SHIFT);
  }
}
