package io.simmim.trainer.loop;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;

/**
 * What native code has allocated and not freed: unlike resident memory it does not depend on what
 * the Java heap touched, or on what the allocator keeps.
 */
final class NativeHeap {
  private NativeHeap() {}

  /** glibc's {@code struct mallinfo2}. */
  @FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static class Allocated extends Structure implements Structure.ByValue {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;

    /** Bytes of blocks that have a mapping of their own. */
    public long hblkhd;

    public long usmblks;
    public long fsmblks;

    /** Bytes of the others, in all arenas. */
    public long uordblks;

    public long fordblks;
    public long keepcost;
  }

  /** Whether {@code mallinfo2} is there: on Linux, with glibc 2.33 or later. */
  static boolean isCounted() {
    try {
      return Platform.isLinux() && function() != null;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  static long allocatedBytes() {
    Allocated allocated = (Allocated) function().invoke(Allocated.class, new Object[0]);
    return allocated.hblkhd + allocated.uordblks;
  }

  private static Function function() {
    return NativeLibrary.getInstance(Platform.C_LIBRARY_NAME).getFunction("mallinfo2");
  }
}
