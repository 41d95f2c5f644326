/** When images were made ready for training, and what training waited for. */
package io.simmim.schemas.timing;
