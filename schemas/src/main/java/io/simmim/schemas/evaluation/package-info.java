/** What models are found to be worth, and what they make of images. */
package io.simmim.schemas.evaluation;
