package io.simmim.pipeline.cluster;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ServiceLoader;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.apache.flink.runtime.rpc.RpcSystemLoader;

/**
 * Loads Flink's remote calls once for all runs in the JVM of a test, as it is in the JVM of a run.
 * Flink's own loader unpacks 24 MB and makes thousands of classes anew for each cluster, which must
 * get warm each time.
 */
public final class SharedRpcSystem implements RpcSystemLoader {
  private static RpcSystem loaded;

  /** Before those of Flink, from 0. */
  @Override
  public int getLoadPriority() {
    return -1;
  }

  @Override
  public RpcSystem loadRpcSystem(Configuration settings) {
    RpcSystem shared = loadOnce();
    return (RpcSystem)
        Proxy.newProxyInstance(
            RpcSystem.class.getClassLoader(),
            new Class<?>[] {RpcSystem.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              try {
                return method.invoke(shared, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static synchronized RpcSystem loadOnce() {
    if (loaded == null) {
      loaded =
          ServiceLoader.load(RpcSystemLoader.class).stream()
              .filter(loader -> loader.type() != SharedRpcSystem.class)
              .findFirst()
              .orElseThrow()
              .get()
              .loadRpcSystem(new Configuration());
      Runtime.getRuntime().addShutdownHook(new Thread(loaded::close, "rpc-system"));
    }
    return loaded;
  }
}
