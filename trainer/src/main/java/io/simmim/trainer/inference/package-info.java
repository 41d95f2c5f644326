/** What a trained model makes of images. */
package io.simmim.trainer.inference;
