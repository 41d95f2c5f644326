/** Text for people: on one line, as keys are written, and amounts. */
package io.simmim.schemas.text;
