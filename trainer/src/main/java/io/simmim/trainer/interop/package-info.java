/**
 * Models as other libraries lay them out, transformers and timm: names of tensors, configuration,
 * and what each of them can represent. Knows no Flink.
 */
package io.simmim.trainer.interop;
