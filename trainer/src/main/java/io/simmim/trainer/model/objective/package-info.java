/** How masked images are learned from: SimMIM and MAE. */
package io.simmim.trainer.model.objective;
