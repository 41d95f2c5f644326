/** What turns features into predictions. */
package io.simmim.trainer.model.head;
