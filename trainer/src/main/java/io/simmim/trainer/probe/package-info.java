/** Linear classifiers of features that stay as they are. */
package io.simmim.trainer.probe;
