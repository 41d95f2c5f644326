/** RandAugment: which operations on its pixels an image of fine-tuning gets. */
package io.simmim.operators.image.randaugment;
