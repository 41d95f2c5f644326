package io.simmim.trainer.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
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

  /**
   * Runs the method.
   *
   * @param arguments arrays in the order of the method's arguments; consecutive arrays that share a
   *     name ending in {@code []} make one list
   * @return belongs to the manager of the first argument
   */
  static NDList run(PtSymbolBlock module, String method, NDList arguments) {
    List<IValue> values = new ArrayList<>();
    try {
      addAll(arguments, values);
      long[] handles = values.stream().mapToLong(IValue::getHandle).toArray();
      try (IValue result = call(module.getHandle(), method, handles)) {
        return result.toNDList((PtNDManager) arguments.head().getManager());
      }
    } finally {
      values.forEach(IValue::close);
    }
  }

  private static void addAll(NDList arguments, List<IValue> values) {
    int at = 0;
    while (at < arguments.size()) {
      String name = arguments.get(at).getName();
      if (name == null || !name.endsWith("[]")) {
        values.add(IValue.from((PtNDArray) arguments.get(at++)));
        continue;
      }
      int first = at;
      while (at < arguments.size() && name.equals(arguments.get(at).getName())) {
        at++;
      }
      values.add(
          IValue.listFrom(
              arguments.subList(first, at).stream()
                  .map((NDArray array) -> (PtNDArray) array)
                  .toArray(PtNDArray[]::new)));
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
