package io.simmim.pipeline.report.serve;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is behind the question mark of an address. */
final class Query {
  private Query() {}

  /**
   * Reads it.
   *
   * @param raw as it was asked; null for none
   * @return the values of each name; what cannot be understood is left out
   */
  static Map<String, List<String>> of(String raw) {
    Map<String, List<String>> values = new HashMap<>();
    if (raw == null) {
      return values;
    }
    for (String part : raw.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        try {
          String value = URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8);
          values.computeIfAbsent(part.substring(0, equals), name -> new ArrayList<>()).add(value);
        } catch (IllegalArgumentException e) {
          // A percent sign that stands for nothing.
        }
      }
    }
    return values;
  }
}
