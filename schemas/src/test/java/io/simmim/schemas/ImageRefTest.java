package io.simmim.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ImageRefTest {
  @Test
  void isNamedByItsObjectAndItsPlaceInAShard() {
    assertThat(new ImageRef(0, "s3://b/a.jpg", 0, 1).name()).isEqualTo("s3://b/a.jpg");
    assertThat(inShard("n01/ä b.jpg").name()).isEqualTo("s3://b/x.tar!/n01/ä b.jpg");
  }

  @Test
  void showsHostileNamesEscaped() {
    assertThat(inShard("../../x\n\u001b[31m\u202egpj.jpg\uD800").name())
        .isEqualTo("s3://b/x.tar!/../../x\\u{a}\\u{1b}[31m\\u{202e}gpj.jpg\\u{d800}");
  }

  @Test
  void tellsShardsFromObjects() {
    assertThat(new ImageRef(0, "s3://b/a.jpg", 0, 1).inShard()).isFalse();
    assertThat(new ImageRef(0, "s3://b/a.tar", 512, 1).inShard()).isTrue();
    assertThat(inShard("x").inShard()).isTrue();
  }

  private static ImageRef inShard(String member) {
    return new ImageRef(0, "s3://b/x.tar", 512, 1, member, "");
  }
}
