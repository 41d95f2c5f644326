/** What is predicted of a masked image, and how far off a prediction is. */
package io.simmim.trainer.model.target;
