/** Parameters, moments and gradients on a device: where they begin, and copies of them. */
package io.simmim.trainer.state;
