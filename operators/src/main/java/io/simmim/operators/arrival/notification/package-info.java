/** What object stores tell of objects: from the bytes of a message to arrivals. */
package io.simmim.operators.arrival.notification;
