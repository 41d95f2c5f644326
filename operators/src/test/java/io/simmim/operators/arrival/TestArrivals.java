package io.simmim.operators.arrival;

import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.schemas.ImageRef;
import java.util.List;
import java.util.Optional;

/** Objects that come and go, as feeds tell of them. */
public final class TestArrivals {
  private TestArrivals() {}

  public static ArrivedObject event(String uri, String version, long millis) {
    return event(uri, 1000, version, millis);
  }

  public static ArrivedObject event(String uri, long length, String version, long millis) {
    return ArrivedObject.plain(
        new Arrival(Kind.CREATED, uri, length, version, millis, "news/0@" + millis));
  }

  static ArrivedObject listed(String uri, long length, long millis) {
    return ArrivedObject.plain(
        new Arrival(Kind.CREATED, uri, length, "l:" + length, millis, "listing"));
  }

  /** As a listing shows an object that took some time. */
  static ArrivedObject listed(String uri, long length, long millis, long tookMillis) {
    return ArrivedObject.plain(
        new Arrival(
            Kind.CREATED, uri, length, ListedVersion.of(length, tookMillis), millis, "listing"));
  }

  static ArrivedObject deleted(String uri, String version, long millis) {
    return ArrivedObject.plain(
        new Arrival(Kind.DELETED, uri, 0, version, millis, "news/0@" + millis));
  }

  static ArrivedObject shard(ArrivedObject object, ImageRef... members) {
    return new ArrivedObject(object.arrival(), Optional.of(List.of(members)));
  }

  /** An image that the log has not seen before, told of by an event. */
  public static ArrivedImage image(long number) {
    return new ArrivedImage(
        "s3://photos/2026/%06d.jpg".formatted(number),
        0,
        1000 + number,
        "",
        "",
        "e:%032x".formatted(number * 0x9E3779B97F4A7C15L),
        "news/%d@%d".formatted(number % 3, number),
        1_700_000_000_000L + 10 * number);
  }
}
