// Package transport holds the HTTP round-trippers that connectors share. Each
// is about a hundred lines around the next one, so that a connector's author
// writes the mapping and neither waits nor logs in:
//
//	Errors(Cap(session.Wrap(Slots(n, Reads(base)))))
//
// From the inside out: Reads bears connections that the source closes while
// nobody uses them, Slots keeps within the number of calls that a source
// bears at a time, a Session authorizes and repeats the one call that found it
// expired, Cap bounds the answer, and Errors turns whatever went wrong into the
// sentinels of package connectors. All of them end when the request's context
// does, and none of them lets a header, an address or a body into an error.
package transport
