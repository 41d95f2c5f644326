package io.simmim.operators.image.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeFailureTest {
  static Stream<Error> ofTheImage() {
    return Stream.of(
        new OutOfMemoryError("Java heap space"),
        new OutOfMemoryError("Requested array size exceeds VM limit"),
        new OutOfMemoryError(),
        new StackOverflowError(),
        new AssertionError("unexpected marker"));
  }

  static Stream<Error> ofTheJvm() {
    return Stream.of(
        new OutOfMemoryError("Metaspace"),
        new OutOfMemoryError("Compressed class space"),
        new OutOfMemoryError("unable to create native thread: possibly out of memory"),
        new InternalError("a fault occurred in an unsafe memory access operation"),
        new UnknownError(),
        new NoClassDefFoundError("io/simmim/Missing"),
        new UnsatisfiedLinkError("no jpeg in java.library.path"),
        new ExceptionInInitializerError());
  }

  @ParameterizedTest
  @MethodSource("ofTheImage")
  void rejectsTheImage(Error error) {
    assertThat(DecodeFailure.isOfTheImage(error)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("ofTheJvm")
  void endsTheTask(Error error) {
    assertThat(DecodeFailure.isOfTheImage(error)).isFalse();
  }
}
