package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the bucket and the key of an event to an image of the input. */
class S3NotificationKeysTest extends S3Messages {
  @ParameterizedTest
  @ValueSource(
      strings = {"a.jpg", "a+b.jpg", "50%20off.jpg", "100%.jpg", "a b.jpg", "%zz.jpg", "é.jpg"})
  void takesKeysFromCephAsTheyAre(String name) {
    assertThat(parse(CEPH.replace("a.jpg", name)))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.CREATED,
                    "s3://photos/train/" + name,
                    100,
                    "e:37b51d194a7513e45b56f6524f2d51f2",
                    TIME,
                    ORIGIN)));
  }

  @ParameterizedTest
  @CsvSource({
    "train/../a.jpg,key is no path",
    "train//a.jpg,key is no path",
    "train/a\\u0000.jpg,key is no path",
    "train/\\ud800.jpg,key is badly encoded",
    "train/a.gif,not an image",
    "else/a.jpg,outside the input",
  })
  void skipsKeysFromCephThatAreNoPathOfAnImage(String key, String reason) {
    assertSkipped(CEPH.replace("train/a.jpg", key), reason);
    assertSkipped(
        CEPH.replace("train/a.jpg", "train/" + "a".repeat(1015) + ".jpg"), S3Keys.NO_PATH);
  }

  @ParameterizedTest
  @CsvSource({
    "photos,train/a.jpg,s3://photos/train/a.jpg",
    "photos,train/deep/er/b.JPEG,s3://photos/train/deep/er/b.JPEG",
    "photos,train/c.tar,s3://photos/train/c.tar",
    "photos,one.jpg,s3://photos/one.jpg",
    "more,any.jpg,s3a://more/any.jpg",
    "more,%2B+%25+%23%3F%3A%26.jpg,s3a://more/+ % #?:&.jpg",
    "more,a:b.jpg,s3a://more/a:b.jpg",
    "more,a.../a..a.jpg,s3a://more/a.../a..a.jpg",
    "more,%E4%B8%80.jpg,s3a://more/一.jpg",
    "more,一.jpg,s3a://more/一.jpg",
  })
  void findsTheRootOfAKey(String bucket, String key, String uri) {
    assertThat(parse(message(record(bucket, key))).arrivals())
        .extracting(Arrival::uri)
        .containsExactly(uri);
  }

  @ParameterizedTest
  @CsvSource({
    "photos,a.jpg",
    "photos,training/a.jpg",
    "photos,train.jpg",
    "photos,Train/a.jpg",
    "photos,one.jpg/a.tar.gz",
    "Photos,train/a.jpg",
    "photo,train/a.jpg",
    "photos/train,a.jpg",
    "evil@photos,train/a.jpg",
    "'',train/a.jpg",
  })
  void skipsWhatLiesElsewhere(String bucket, String key) {
    if (key.startsWith("one.jpg/")) {
      // The root may be a folder of that name; its end decides then.
      assertSkipped(message(record(bucket, key)), S3Keys.NO_IMAGE);
    } else {
      assertSkipped(message(record(bucket, key)), S3Keys.OUTSIDE);
    }
  }

  /** The pictures that a run draws would become images that it is trained on. */
  @ParameterizedTest
  @ValueSource(strings = {"pictures/step-500.png", "a.jpg", "deep/er/b.tar"})
  void skipsWhatIsInTheOutput(String name) {
    assertSkipped(message(record("photos", "train/runs/1/" + name)), S3Keys.EXCLUDED);
    assertThat(parse(message(record("photos", "train/runs/10/" + name))).arrivals()).hasSize(1);
    assertThat(parse(message(record("more", "train/runs/1/" + name))).arrivals()).hasSize(1);
  }

  /** As listings do, below the input. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "._a.jpg",
        ".cache/a.jpg",
        "x/__MACOSX/a.jpg",
        "x/.a.tar",
        "lost%2Bfound/a.jpg",
        ".../..a.jpg"
      })
  void skipsWhatIsHidden(String key) {
    assertSkipped(message(record("more", key)), S3Keys.HIDDEN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.gif",
        "a.jpg.tmp",
        "jpg",
        "a.tar.gz",
        "a.jpg+",
        "_SUCCESS",
        "/",
        "folder/",
        "a.jpg/"
      })
  void skipsWhatIsNoImage(String key) {
    assertSkipped(message(record("more", key)), S3Keys.NO_IMAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/a.jpg",
        "a//b.jpg",
        "a/./b.jpg",
        "./a.jpg",
        "../a.jpg",
        "a/../b.jpg",
        "a/%2e%2e/b.jpg",
        "%2E%2E%2Fa.jpg",
        "a.jpg/..",
        "a%5Cb.jpg",
        "..%5Ca.jpg",
        "s3://photos/train/a.jpg",
        "a%00.jpg",
        "a%0A.jpg",
        "a%7F.jpg",
        "a%C2%85.jpg",
      })
  void skipsKeysThatFlinkTakesForOtherPaths(String key) {
    assertSkipped(message(record("more", key)), S3Keys.NO_PATH);
  }

  @Test
  void skipsKeysThatAreTooLong() {
    String longest = "a".repeat(1020) + ".jpg";

    assertThat(parse(message(record("more", longest))).arrivals()).hasSize(1);
    assertSkipped(message(record("more", "b" + longest)), S3Keys.NO_PATH);
    assertSkipped(message(record("more", "%C3%A4".repeat(511) + ".jpg")), S3Keys.NO_PATH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "a%zz.jpg", "%-1.jpg", "%FF.jpg", "%C3.jpg", "\\ud800.jpg"})
  void skipsKeysThatAreNoText(String key) {
    assertSkipped(message(record("more", key)), S3Keys.BAD_ENCODING);
  }
}
