/** Text for people: on one line, and as keys are written. */
package io.simmim.schemas.text;
