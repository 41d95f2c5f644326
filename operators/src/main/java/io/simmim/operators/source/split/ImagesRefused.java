package io.simmim.operators.source.split;

import java.util.Map;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader has found images that must not be decoded any more.
 *
 * @param reasons by sample id why, in one line
 */
public record ImagesRefused(Map<Long, String> reasons) implements SourceEvent {
  public ImagesRefused {
    reasons = Map.copyOf(reasons);
  }
}
