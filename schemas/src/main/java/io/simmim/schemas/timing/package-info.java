/**
 * When images were made ready for training, what training waited for, and times in stored files.
 */
package io.simmim.schemas.timing;
