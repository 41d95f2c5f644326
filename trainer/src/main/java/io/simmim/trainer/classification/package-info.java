/** Fine-tuning: a classifier that learns from images with labels. */
package io.simmim.trainer.classification;
