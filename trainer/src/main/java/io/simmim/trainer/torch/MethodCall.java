package io.simmim.trainer.torch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls one method of a TorchScript module with gradients enabled.
 *
 * <p>DJL's own call frees its arguments only when libtorch returns. After a failure, such as memory
 * that a GPU does not have, they would hold on to all tensors that were passed in, the whole model
 * among them, until the process ends. Here they are freed either way. The two members of DJL that
 * this takes are not public.
 */
final class MethodCall {
  private static final MethodHandle RUN;
  private static final MethodHandle WRAP;

  static {
    try {
      Class<?> library =
          Class.forName("ai.djl.pytorch.jni.PyTorchLibrary", true, IValue.class.getClassLoader());
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(library, MethodHandles.lookup());
      Object instance = lookup.findStaticVarHandle(library, "LIB", library).get();
      MethodType run =
          MethodType.methodType(
              long.class, long.class, String.class, long[].class, boolean.class, boolean.class);
      RUN = lookup.findVirtual(library, "moduleRunMethod", run).bindTo(instance);
      WRAP = lookup.findConstructor(IValue.class, MethodType.methodType(void.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private MethodCall() {}

  /** Runs the method; the results belong to the owner. */
  static NDList run(PtSymbolBlock module, NDManager owner, String method, Arguments arguments) {
    List<IValue> values = new ArrayList<>();
    try {
      arguments.make(values);
      long[] handles = values.stream().mapToLong(IValue::getHandle).toArray();
      try (IValue result = call(module.getHandle(), method, handles)) {
        return result.toNDList((PtNDManager) owner);
      }
    } finally {
      values.forEach(IValue::close);
    }
  }

  private static IValue call(long module, String method, long[] handles) {
    try {
      boolean gradients = true;
      boolean separateStream = false;
      long result = (long) RUN.invokeExact(module, method, handles, gradients, separateStream);
      return (IValue) WRAP.invokeExact(result);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("libtorch is called without checked exceptions", e);
    }
  }
}
