package io.simmim.pipeline.config.watch;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * The page of a run that goes on in this process.
 *
 * @param port on this machine's loopback address; 0 for any that is free, {@value #NONE} for no
 *     page
 */
public record ReportConfig(int port) {
  private static final int NONE = -1;
  private static final int LAST_PORT = 65_535;

  public ReportConfig {
    if (port < NONE || port > LAST_PORT) {
      throw new IllegalArgumentException(
          "report.port must be a port, 0 for any that is free or -1 for no page: " + port);
    }
  }

  /** Whether there is a page. */
  @JsonIgnore
  public boolean isOn() {
    return port != NONE;
  }
}
