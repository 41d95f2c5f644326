/**
 * A model that tells the classes of images: an encoder, a mean or a class token, a linear layer.
 */
package io.simmim.trainer.model.classifier;
