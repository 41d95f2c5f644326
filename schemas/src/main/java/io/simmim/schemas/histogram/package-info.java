/** How the values of tensors are distributed. */
package io.simmim.schemas.histogram;
