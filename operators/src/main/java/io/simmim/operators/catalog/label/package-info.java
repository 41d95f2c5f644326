/** Which class each image of a catalog has. */
package io.simmim.operators.catalog.label;
