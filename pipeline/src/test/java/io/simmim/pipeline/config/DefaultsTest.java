package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Defaults are part of what users rely on: a change of one has to change this list. */
class DefaultsTest {
  private static final List<String> DEFAULTS =
      List.of(
          "checkpoint.interval=30s",
          "checkpoint.retained=2",
          "data.input=[]",
          "data.shuffle=sample",
          "encoder.absolute-position=false",
          "encoder.depth=12",
          "encoder.drop-path-rate=0.1",
          "encoder.embed-dim=768",
          "encoder.layer-scale-init=0.1",
          "encoder.main-norm-interval=0",
          "encoder.mlp-ratio=4.0",
          "encoder.num-heads=12",
          "encoder.patch-size=16",
          "encoder.qkv-bias=true",
          "encoder.relative-position-bias=shared",
          "encoder.type=vit",
          "encoder.window-size=0",
          "export.every-epochs=0",
          "fetch.attempts=5",
          "fetch.backoff=200ms",
          "fetch.bytes-in-flight=67108864",
          "fetch.concurrency=16",
          "fetch.max-object-bytes=268435456",
          "fetch.timeout=1min",
          "fetch.window-chunks=64",
          "flink={}",
          "head.type=linear",
          "head.window-size=6",
          "image.crop-ratio-max=1.3333333333333333",
          "image.crop-ratio-min=0.75",
          "image.crop-scale-max=1.0",
          "image.crop-scale-min=0.67",
          "image.flip-probability=0.5",
          "image.max-megapixels=178.0",
          "image.size=192",
          "kafka={}",
          "loss.area=masked",
          "loss.type=l1",
          "mask.file=null",
          "mask.patch-size=32",
          "mask.ratio=0.6",
          "mask.square-place=random",
          "mask.strategy=random",
          "objective.decoder-depth=8",
          "objective.decoder-embed-dim=512",
          "objective.decoder-num-heads=16",
          "objective.type=simmim",
          "optimizer.beta1=0.9",
          "optimizer.beta2=0.999",
          "optimizer.clip-grad-norm=5.0",
          "optimizer.epsilon=1.0E-8",
          "optimizer.weight-decay=0.05",
          "output=null",
          "parallelism=0",
          "reject.max-share=0.01",
          "reject.min-rejected=10",
          "reject.topic=null",
          "schedule.base-learning-rate=1.0E-4",
          "schedule.decay-epochs=10.0",
          "schedule.gamma=0.1",
          "schedule.milestone-shares=[]",
          "schedule.milestones=[]",
          "schedule.min-learning-rate=5.0E-6",
          "schedule.reference-batch=512",
          "schedule.type=cosine",
          "schedule.warmup-epochs=10.0",
          "schedule.warmup-learning-rate=5.0E-7",
          "seed=0",
          "target.bins=8",
          "target.cluster-file=null",
          "target.clusters=512",
          "target.downsampling=1",
          "target.norm-patch-size=0",
          "target.norm-per-cell=false",
          "target.type=pixels",
          "training.accumulation=1",
          "training.chunk-images=0",
          "training.device=cpu",
          "training.epochs=100",
          "training.micro-batch=128",
          "training.precision=fp32",
          "training.recompute=false",
          "training.threads=0");

  @Test
  void everyKeyHasItsDefault() {
    Map<String, String> flat = ConfigText.flat(new ConfigLoader().load().config());

    assertThat(flat.entrySet().stream().map(Object::toString)).containsExactlyElementsOf(DEFAULTS);
  }
}
