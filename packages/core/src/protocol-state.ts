/**
 * The states of a connection, RFC 6455 §4–§7, once the opening handshake is done:
 *
 *     from      what happens                            to        we do
 *     open      close() is called                       closing   send a close frame
 *     open      a close frame comes                     closed    answer it; a server ends TCP
 *     open      the peer breaks a rule, or fail()       closed    send a close frame, end TCP
 *     open      the peer's stream ends                  closed    end TCP
 *     closing   a close frame comes                     closed    a server ends TCP
 *     closing   the peer breaks a rule, or its          closed    end TCP
 *               stream ends
 *
 * In `closing` messages that still come are dropped. In `closed` nothing is read or written.
 */
export type ProtocolState = 'open' | 'closing' | 'closed';
