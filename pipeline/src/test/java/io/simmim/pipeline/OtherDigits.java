package io.simmim.pipeline;

import java.util.Locale;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A test runs as on a machine whose language has digits of its own. */
public final class OtherDigits implements BeforeEachCallback, AfterEachCallback {
  private static final Locale EGYPT = new Locale.Builder().setLanguageTag("ar-EG").build();

  private Locale before;

  @Override
  public void beforeEach(ExtensionContext context) {
    before = Locale.getDefault();
    Locale.setDefault(EGYPT);
    if ("%d".formatted(7).equals("7")) {
      throw new AssertionError("this JVM has no other digits: " + EGYPT);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Locale.setDefault(before);
  }
}
