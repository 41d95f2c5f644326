package io.simmim.pipeline.sink;

import java.lang.reflect.Proxy;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** What Flink tells a writer of the tasks of its sink, and nothing else. */
final class SinkTasks {
  private SinkTasks() {}

  /** For the writer of the only task. */
  static WriterInitContext one() {
    return of(1);
  }

  /** For the writer of the first of so many. */
  static WriterInitContext of(int tasks) {
    TaskInfo first = new TaskInfoImpl("sink", tasks, 0, tasks, 0);
    return (WriterInitContext)
        Proxy.newProxyInstance(
            SinkTasks.class.getClassLoader(),
            new Class<?>[] {WriterInitContext.class},
            (context, method, arguments) -> {
              if (method.getName().equals("getTaskInfo")) {
                return first;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
