/** Which patches of a sample are masked. */
package io.simmim.operators.image.mask;
