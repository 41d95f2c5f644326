package io.simmim.pipeline.config;

import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.simmim.schemas.text.KebabCase;
import java.util.Arrays;

/** Writes enum constants as the keys are written: {@code MULTI_STEP} is {@code multi-step}. */
final class KebabCaseEnums extends JacksonAnnotationIntrospector {
  @Override
  public String[] findEnumValues(
      MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] names) {
    return Arrays.stream(constants)
        .map(constant -> KebabCase.of(constant.name()))
        .toArray(String[]::new);
  }
}
