/** How far a training is, noted for whoever goes on after its process was killed. */
package io.simmim.trainer.operator.progress;
