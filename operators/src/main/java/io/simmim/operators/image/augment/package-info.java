/** What is done to images before a model sees them, as recipes with names. */
package io.simmim.operators.image.augment;
