/** What fine-tuning does to batches of normalised images: erasing, Mixup, CutMix, soft targets. */
package io.simmim.trainer.mixing;
